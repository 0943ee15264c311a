namespace IotBackend.Application.Access;

/// <summary>
/// Ids that were looked up lately and do not exist. Anyone can make up as many well-formed ids as he likes, so memory is constant:
/// an id has one place by its hash, and the newer id takes it.
/// </summary>
internal sealed class AbsentIds(TimeProvider time)
{
    public const int Places = 4096;

    /// <summary>How long it is remembered that there is no such key.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private readonly Absence?[] _places = new Absence?[Places];

    public void Add(string id) => Volatile.Write(ref Place(id), new Absence(id, time.GetTimestamp()));

    public bool Contains(string id) =>
        Volatile.Read(ref Place(id)) is { } absence && absence.Id == id && time.GetElapsedTime(absence.Since) < Lifetime;

    /// <summary>Forgets all: one of them may exist now.</summary>
    public void Clear() => Array.Clear(_places);

    // The hash of a string is seeded anew in every process, so nobody outside can choose ids that collide.
    private ref Absence? Place(string id) => ref _places[(uint)id.GetHashCode(StringComparison.Ordinal) % Places];

    private sealed record Absence(string Id, long Since);
}
