using IotBackend.Domain.Results;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Http;

/// <summary>
/// What the body of one request may take of memory and of time. What it took stands until the request has been answered, because what was
/// parsed from the body takes about as much.
/// </summary>
internal sealed class BodyAllowance(BodyBudget budget, IOptions<OverloadOptions> options, TimeProvider time) : IDisposable
{
    private readonly TimeSpan _patience = TimeSpan.FromSeconds(options.Value.BodySeconds);
    private readonly long _since = time.GetTimestamp();
    private long _taken;

    /// <summary>The answer to a body for which there is no memory now.</summary>
    public static Error Refusal { get; } =
        new(ErrorKind.Unavailable, ErrorCodes.Overloaded, "Too much is being sent at a time. Nothing of this request was stored.") { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>How many bytes of the body were read, as they came.</summary>
    public long Received { get; set; }

    public bool TryTake(long bytes)
    {
        if (!budget.TryTake(bytes))
            return false;
        _taken += bytes;
        return true;
    }

    /// <exception cref="BadHttpRequestException">The body has taken too long to come.</exception>
    public void ThrowIfLate()
    {
        if (time.GetElapsedTime(_since) > _patience)
            throw new BadHttpRequestException("The body came too slowly.", StatusCodes.Status408RequestTimeout);
    }

    public void Dispose()
    {
        budget.GiveBack(_taken);
        _taken = 0;
    }
}
