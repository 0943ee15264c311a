using IotBackend.Api.Security;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Http;

/// <summary>
/// Lets so many answers stream at a time, and so many of one key: each keeps its request's place for as long as its reader takes. Together they must not
/// take all of those, nor one key all of these.
/// </summary>
internal sealed class StreamPlaces(IOptions<OverloadOptions> options)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private static readonly Error TooManyOfKey =
        new(ErrorKind.RateLimited, ErrorCodes.TooManyStreams, "As many answers are being streamed to the key as may be at a time.") { RetryAfter = RetryAfter };

    private static readonly Error TooMany =
        new(ErrorKind.Unavailable, ErrorCodes.Overloaded, "More answers are being streamed than may be at a time.") { RetryAfter = RetryAfter };

    private readonly KeyPlaces _places = new(options.Value.MaxStreams, options.Value.MaxStreamsPerKey);

    /// <summary>A place, to be disposed, or why there is none.</summary>
    public Result<IDisposable> TryTake(string keyId)
    {
        if (_places.TryTake(keyId, out var isKeys) is { } place)
            return Result<IDisposable>.Success(place);
        return isKeys ? TooManyOfKey : TooMany;
    }
}
