using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>InfluxDB packs what it was given in its own time; it is compared at its best, after that.</summary>
internal static class InfluxCompaction
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private const int QuietRounds = 6;

    /// <summary>Waits until the size of its files has not changed for a while.</summary>
    public static async Task WaitAsync(string folder, CancellationToken cancellationToken)
    {
        var last = 0L;
        for (var quiet = 0; quiet < QuietRounds;)
        {
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            var now = DiskUsage.Of(folder);
            quiet = now == last ? quiet + 1 : 0;
            last = now;
        }
    }
}
