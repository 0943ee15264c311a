using System.Text;

namespace IotBackend.Infrastructure.Measurements;

/// <summary>Orders byte strings as all stores order names.</summary>
internal sealed class Utf8Order : IComparer<byte[]>
{
    public static Utf8Order Instance { get; } = new();

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);

    /// <summary>The names in this order; each is encoded once.</summary>
    public static string[] Sort(IEnumerable<string> names) => [.. names.OrderBy(Encoding.UTF8.GetBytes, Instance)];
}
