using System.Threading.RateLimiting;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Http;

/// <summary>
/// Lets so many requests in at a time, some more wait for a moment, and refuses the rest before anything was done for them. Comes before
/// authentication and before the body, so that a refusal costs a fraction of what it saves.
/// </summary>
internal sealed class Admission(RequestDelegate next, ConcurrencyLimiter places, IOptions<OverloadOptions> options, ErrorWriter errors)
{
    private static readonly Error Refusal =
        new(ErrorKind.Unavailable, ErrorCodes.Overloaded, "More requests come in than can be answered. Nothing was done for this one.") { RetryAfter = TimeSpan.FromSeconds(1) };

    private readonly TimeSpan _patience = TimeSpan.FromSeconds(options.Value.MaxWaitSeconds);

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<AnsweredUnderOverloadAttribute>() is not null)
            return next(context);
        var place = places.AttemptAcquire();
        return place.IsAcquired ? ServeAsync(context, place) : WaitAsync(context);
    }

    private async Task ServeAsync(HttpContext context, RateLimitLease place)
    {
        using (place)
            await next(context);
    }

    private async Task WaitAsync(HttpContext context)
    {
        RateLimitLease? place = null;
        using (var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted))
        {
            patience.CancelAfter(_patience);
            try
            {
                place = await places.AcquireAsync(1, patience.Token);
            }
            catch (OperationCanceledException)
            {
                // Whoever has waited so long has given up, or will have before an answer comes.
            }
        }

        if (place is { IsAcquired: true })
            await ServeAsync(context, place);
        else if (!context.RequestAborted.IsCancellationRequested)
            await errors.WriteAsync(context, Refusal);
    }
}
