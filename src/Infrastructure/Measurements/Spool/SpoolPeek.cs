namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>The oldest entries of a bucket.</summary>
/// <param name="Whole">Those that are as they were written, in their order.</param>
/// <param name="Damaged">Those that the disk has changed.</param>
internal sealed record SpoolPeek(List<SpoolEntry> Whole, List<SpoolEntry> Damaged)
{
    public bool IsEmpty => Whole.Count == 0 && Damaged.Count == 0;
}
