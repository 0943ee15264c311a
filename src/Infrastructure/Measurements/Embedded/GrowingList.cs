using System.Collections;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// One state of a list that one thread lengthens at its end while others read earlier states: a longer state shares the array with a
/// shorter one, so that adding is cheap, and a reader that took a state sees it whole.
/// </summary>
internal sealed class GrowingList<T> : IReadOnlyList<T>
{
    private readonly T[] _items;

    private GrowingList(T[] items, int count) => (_items, Count) = (items, count);

    public static GrowingList<T> Empty { get; } = new([], 0);

    public int Count { get; }

    public ReadOnlySpan<T> Items => _items.AsSpan(0, Count);

    public T this[int index] => _items[index];

    /// <summary>The longer state; to be called on the longest one only.</summary>
    public GrowingList<T> With(T added)
    {
        var items = _items;
        if (Count == items.Length)
            Array.Resize(ref items, Math.Max(2, Count * 2));
        items[Count] = added;
        return new GrowingList<T>(items, Count + 1);
    }

    /// <summary>A shorter state of its own, because a reader may still hold the longer one.</summary>
    public GrowingList<T> WithoutLast(int count) => new(_items[..(Count - count)], Count - count);

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return _items[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
