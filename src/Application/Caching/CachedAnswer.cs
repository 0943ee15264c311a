namespace IotBackend.Application.Caching;

/// <summary>An answer in the cache, with what tells whether it is still good.</summary>
/// <param name="answer">What is sent.</param>
/// <param name="generation">The generation that its query had before it was read; see <see cref="AnswerGenerations"/>.</param>
/// <param name="startedAt">When its reading began.</param>
/// <param name="isLasting">See <see cref="ServedAnswer.IsLasting"/>.</param>
internal sealed class CachedAnswer(Answer answer, long generation, DateTimeOffset startedAt, bool isLasting)
{
    // Several within a second: the next is likely to come before the answer would have to be made for it.
    private const int Often = 3;

    private long _servedStaleUntil;
    private int _hits;

    public Answer Answer => answer;

    public long Generation => generation;

    public DateTimeOffset StartedAt => startedAt;

    public bool IsLasting => isLasting;

    /// <summary>Until then it serves though it is stale, because the store has just failed.</summary>
    public DateTimeOffset ServedStaleUntil
    {
        get => new(Interlocked.Read(ref _servedStaleUntil), TimeSpan.Zero);
        set => Interlocked.Exchange(ref _servedStaleUntil, value.UtcTicks);
    }

    /// <summary>Counts one who asks, and tells whether there were many. No more is counted than matters: many ask at once, and what is not written they share.</summary>
    public bool IsAskedOften() => Volatile.Read(ref _hits) >= Often || Interlocked.Increment(ref _hits) >= Often;
}
