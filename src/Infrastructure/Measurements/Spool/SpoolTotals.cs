namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>What the file holds.</summary>
/// <param name="Entries">Entries that wait.</param>
/// <param name="Measurements">Measurements in them.</param>
/// <param name="Bytes">Bytes of payload, of those that wait and of those that were refused.</param>
/// <param name="RefusedEntries">Entries set aside.</param>
/// <param name="RefusedMeasurements">Measurements in them.</param>
/// <param name="OldestAt">When the oldest that waits came; null when none waits.</param>
internal sealed record SpoolTotals(
    long Entries, long Measurements, long Bytes, long RefusedEntries, long RefusedMeasurements, DateTimeOffset? OldestAt)
{
    public static SpoolTotals None { get; } = new(0, 0, 0, 0, 0, null);

    public static SpoolTotals operator +(SpoolTotals totals, SpoolDelta delta) => totals with
    {
        Entries = totals.Entries + delta.Entries.Values.Sum(),
        Measurements = totals.Measurements + delta.Measurements,
        Bytes = totals.Bytes + delta.Bytes,
        RefusedEntries = totals.RefusedEntries + delta.RefusedEntries,
        RefusedMeasurements = totals.RefusedMeasurements + delta.RefusedMeasurements,
    };
}
