using IotBackend.Application.ApiKeys;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>The file <c>admin.key</c> in the data folder: the key and a line feed, readable by its owner alone from the moment it exists.</summary>
internal sealed class AdminKeyFile(string dataFolder) : IAdminKeyFile
{
    public string Path { get; } = System.IO.Path.Combine(dataFolder, "admin.key");

    public bool Exists => File.Exists(Path);

    public void Write(string key)
    {
        var temporary = Path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(System.Text.Encoding.ASCII.GetBytes(key + "\n"));
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, Path, overwrite: true);
    }
}
