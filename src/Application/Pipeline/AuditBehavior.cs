using IotBackend.Application.Access;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.ApiKeys;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;
using Microsoft.Extensions.Logging;

namespace IotBackend.Application.Pipeline;

/// <summary>
/// Writes an administrative act to the audit log before it is done, and what became of it afterwards: nothing is done that stands nowhere,
/// and an act that a crash cut off shows as one without an outcome.
/// </summary>
public sealed partial class AuditBehavior<TRequest, TResponse>(
    IAuditLog log, AuditTrail trail, ICallerContext context, TimeProvider time, ILogger<SecurityLog> logger)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>, IAudited
    where TResponse : IResult<TResponse>
{
    private static readonly Error Unavailable =
        new(ErrorKind.Unavailable, ErrorCodes.KeyStoreUnavailable, "The audit log can not be written now, and without it nothing is changed.")
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        };

    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var entry = Describe(request.Subject);
        try
        {
            entry = entry with { Id = await log.AddAsync(entry, cancellationToken) };
        }
        catch (KeyStoreUnavailableException)
        {
            return TResponse.Failure(Unavailable);
        }

        var outcome = ErrorCodes.InternalError;
        try
        {
            var response = await next();
            outcome = response.Error?.Code ?? AuditEntry.Done;
            return response;
        }
        finally
        {
            await CompleteAsync(entry with
            {
                Outcome = outcome,
                ObjectId = trail.ObjectId ?? entry.ObjectId,
                Before = trail.Before ?? entry.Before,
                After = outcome == AuditEntry.Done ? trail.After : null,
            });
        }
    }

    private AuditEntry Describe(AuditSubject subject) => new()
    {
        Time = time.GetUtcNow(),
        Action = subject.Action,
        ActorId = context.Caller?.KeyId,
        ActorName = context.Caller?.KeyName,
        Address = context.RemoteAddress is { } address ? AddressNetwork.Of(address).ToString() : null,
        ObjectKind = subject.ObjectKind,
        ObjectId = subject.ObjectId,
        Before = subject.Asked is { } asked ? AuditTrail.ToJson(asked) : null,
        RequestId = context.RequestId,
    };

    private async Task CompleteAsync(AuditEntry entry)
    {
        SecurityLog.Write(logger, entry);
        try
        {
            // What is done is done, also for a client that has gone.
            await log.CompleteAsync(entry, CancellationToken.None);
        }
        catch (KeyStoreUnavailableException exception)
        {
            Log.NotCompleted(logger, exception, entry.Id);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Error, "The outcome of the audit entry {Entry} could not be stored")]
        public static partial void NotCompleted(ILogger logger, Exception exception, long entry);
    }
}
