namespace IotBackend.Performance.Servers;

/// <summary>A folder for the data of one server, gone when disposed.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder(string parent) => Path = Directory.CreateDirectory(
        System.IO.Path.Combine(parent, $"iotbackend-performance-{Environment.ProcessId}-{Guid.NewGuid():N}")).FullName;

    public string Path { get; }

    /// <summary>A folder in it, made when it is not there.</summary>
    public string SubFolder(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    /// <summary>Bytes that the files in these folders (all, when none is named) occupy on disk, as <c>du</c> counts them.</summary>
    public long OccupiedBytes(params string[] folders) =>
        (folders.Length == 0 ? [Path] : folders.Select(folder => System.IO.Path.Combine(Path, folder))).Sum(DiskUsage.Of);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
