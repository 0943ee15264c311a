using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Caching;

/// <summary>How long answers serve, and how much of them is kept.</summary>
/// <param name="Lateness">How old a measurement usually is at most when it comes. A range that ended longer ago is closed: its answers last.</param>
/// <param name="ClosedLifetime">How long an answer of a closed range serves.</param>
/// <param name="StaleLifetime">How long after its time an answer still serves while the store does not answer.</param>
/// <param name="MaxBytes">The most bytes of answers in memory.</param>
public sealed record AnswerCaching(TimeSpan Lateness, TimeSpan ClosedLifetime, TimeSpan StaleLifetime, long MaxBytes)
{
    private const int LargestShare = 16;

    /// <summary>
    /// How long any other answer serves, from the moment when its making began: relative times move on, and what other nodes write is to be
    /// seen within a second.
    /// </summary>
    public static TimeSpan OpenLifetime { get; } = TimeSpan.FromMilliseconds(900);

    /// <summary>The most bytes of one answer: one must not drive out all others.</summary>
    public long MaxAnswerBytes => MaxBytes / LargestShare;

    /// <summary>True when the range ended so long ago that its measurements have come.</summary>
    public bool IsClosed(TimeRange range, DateTimeOffset now) => range.To <= Timestamp.From(now - Lateness);

    /// <summary>True when nothing but a late write or a deletion can change the range, as long as its answer serves: neither does the bucket's retention reach it.</summary>
    public bool IsLasting(TimeRange range, Retention retention, DateTimeOffset now) =>
        IsClosed(range, now) && range.From >= retention.OldestAt(Timestamp.From(now + ClosedLifetime + StaleLifetime));
}
