namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Orders byte strings as all stores order names.</summary>
internal sealed class Utf8Order : IComparer<byte[]>
{
    public static Utf8Order Instance { get; } = new();

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}
