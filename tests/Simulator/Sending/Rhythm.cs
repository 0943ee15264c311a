namespace IotBackend.Simulator.Sending;

/// <summary>Replays a stretch of time, <paramref name="speed"/> times as fast, from the moment of its making.</summary>
/// <param name="clock">What time it is.</param>
/// <param name="first">The samples' time at which the replay begins.</param>
/// <param name="speed">Seconds of the samples' time that pass in one second.</param>
internal sealed class Rhythm(TimeProvider clock, DateTimeOffset first, double speed)
{
    // A timer takes at most about 49 days, and a gap in a file may be longer.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly long _began = clock.GetTimestamp();

    public bool IsDue(DateTimeOffset timestamp) => Remaining(timestamp) <= TimeSpan.Zero;

    public async Task WaitForAsync(DateTimeOffset timestamp, CancellationToken cancellationToken)
    {
        for (var wait = Remaining(timestamp); wait > TimeSpan.Zero; wait = Remaining(timestamp))
            await Task.Delay(wait < LongestWait ? wait : LongestWait, clock, cancellationToken);
    }

    private TimeSpan Remaining(DateTimeOffset timestamp) => ((timestamp - first) / speed) - clock.GetElapsedTime(_began);
}
