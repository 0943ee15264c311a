using System.Text;

namespace IotBackend.StoreModel;

/// <summary>The order of texts by their UTF-8 bytes, which beyond U+FFFF is another than that of their characters in .NET.</summary>
internal sealed class Utf8Order : IComparer<string>
{
    public static Utf8Order Instance { get; } = new();

    public int Compare(string? x, string? y) => Encoding.UTF8.GetBytes(x ?? string.Empty).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y ?? string.Empty));
}
