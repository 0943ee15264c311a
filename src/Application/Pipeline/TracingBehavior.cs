using System.Diagnostics;
using IotBackend.Application.Monitoring;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Pipeline;

/// <summary>One span and one duration a request, with its outcome's code.</summary>
public sealed class TracingBehavior<TRequest, TResponse>(TimeProvider time) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
    where TResponse : IResult<TResponse>
{
    private static readonly KeyValuePair<string, object?> RequestTag = new("request", typeof(TRequest).Name);

    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        using var activity = Telemetry.Source.StartActivity(typeof(TRequest).Name);
        var start = time.GetTimestamp();
        var outcome = ErrorCodes.InternalError;
        try
        {
            var response = await next();
            outcome = response.Error?.Code ?? "ok";
            return response;
        }
        finally
        {
            Telemetry.RequestDuration.Record(time.GetElapsedTime(start).TotalSeconds, RequestTag, new("outcome", outcome));
            if (outcome != "ok")
                activity?.SetStatus(ActivityStatusCode.Error, outcome);
        }
    }
}
