using System.Text;
using IotBackend.Application.ApiKeys;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>The file <c>admin.key</c> in the data folder: the key and a line feed, readable by its owner alone from the moment it exists.</summary>
internal sealed class AdminKeyFile(string dataFolder) : IAdminKeyFile
{
    public string Path { get; } = System.IO.Path.Combine(dataFolder, "admin.key");

    public bool Exists => File.Exists(Path);

    /// <exception cref="StorageStartException">The folder can not be written.</exception>
    public void Write(string key)
    {
        try
        {
            Directory.CreateDirectory(dataFolder);
            var temporary = Path + ".new";
            File.Delete(temporary);
            WriteNew(temporary, key);
            File.Move(temporary, Path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageStartException($"The admin key can not be written to {Path}. Check the folder's rights and its disk, or set Data:Path.", exception);
        }
    }

    private static void WriteNew(string path, string key)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new FileStream(path, options);
        stream.Write(Encoding.ASCII.GetBytes(key + "\n"));
        stream.Flush(flushToDisk: true);
    }
}
