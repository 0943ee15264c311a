using System.Threading.RateLimiting;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Http;

/// <summary>Lets so many answers stream at a time: each keeps its request's place for as long as its reader takes, and they must not take them all.</summary>
internal sealed class StreamPlaces(IOptions<OverloadOptions> options) : IDisposable
{
    private readonly ConcurrencyLimiter _places = new(new ConcurrencyLimiterOptions { PermitLimit = options.Value.MaxStreams, QueueLimit = 0 });

    public static Error Refusal { get; } =
        new(ErrorKind.Unavailable, ErrorCodes.Overloaded, "More answers are being streamed than may be at a time.") { RetryAfter = TimeSpan.FromSeconds(5) };

    /// <summary>A place, to be disposed; null when all are taken.</summary>
    public IDisposable? TryTake()
    {
        var place = _places.AttemptAcquire();
        return place.IsAcquired ? place : null;
    }

    public void Dispose() => _places.Dispose();
}
