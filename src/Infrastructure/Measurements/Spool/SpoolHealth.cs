using System.Globalization;
using IotBackend.Application.Measurements;
using IotBackend.Application.SystemStatus;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>Tells what waits for the database and what that refused. Never unhealthy: as long as the database answers, nothing needs the spool.</summary>
internal sealed class SpoolHealth(SpoolQueue queue, TimeProvider time) : IComponentHealth
{
    private const double NearlyFull = 0.9;

    public string Name => "spool";

    public ValueTask<ComponentHealth> CheckAsync(CancellationToken cancellationToken)
    {
        var status = queue.Status;
        var message = string.Join(' ', Sentences(status, queue.IsFailing));
        var health = new ComponentHealth(message.Length == 0 ? HealthStatus.Healthy : HealthStatus.Degraded, null, message.Length == 0 ? null : message);
        return ValueTask.FromResult(health with { Figures = Figures(status) });
    }

    private static IEnumerable<string> Sentences(SpoolStatus status, bool isFailing)
    {
        if (isFailing)
            yield return "The disk of the spool fails; the log tells why.";
        if (status.OldestAt is { } oldest)
            yield return Text($"{status.Measurements} measurements wait for the database since {Timestamp.From(oldest)}.");
        if (status.RefusedEntries > 0)
            yield return Text($"{status.RefusedMeasurements} were refused by the database and wait for an administrator.");
        if (status.Bytes > NearlyFull * status.CapacityBytes)
            yield return Text($"The spool is {100 * status.Bytes / status.CapacityBytes} % full.");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private Dictionary<string, double> Figures(SpoolStatus status) => new()
    {
        ["depth"] = status.Measurements,
        ["entries"] = status.Entries,
        ["bytes"] = status.Bytes,
        ["oldestAgeSeconds"] = status.OldestAt is { } oldest ? Math.Max(0, Math.Round((time.GetUtcNow() - oldest).TotalSeconds, 3)) : 0,
        ["refused"] = status.RefusedMeasurements,
    };
}
