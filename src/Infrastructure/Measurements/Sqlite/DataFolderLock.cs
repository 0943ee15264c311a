namespace IotBackend.Infrastructure.Measurements.Sqlite;

/// <summary>Holds the data folder for this process alone; the operating system lets go of it however the process ends.</summary>
internal sealed class DataFolderLock : IDisposable
{
    private readonly FileStream _file;

    private DataFolderLock(FileStream file) => _file = file;

    /// <exception cref="StorageStartException">Another process has the folder, or it can not be written.</exception>
    public static DataFolderLock Take(string folder)
    {
        var path = Path.Combine(folder, "lock");
        try
        {
            Directory.CreateDirectory(folder);
            return new DataFolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StorageStartException($"The data folder {folder} can not be written. Check its rights, or set Data:Path.", exception);
        }
        catch (IOException exception)
        {
            throw new StorageStartException(Describe(folder, exception), exception);
        }
    }

    public void Dispose() => _file.Dispose();

    // The numbers are those of Linux; elsewhere the message of the system has to do.
    private static string Describe(string folder, IOException exception)
    {
        const int readOnlyFileSystem = 30;
        const int noSpace = 28;
        const int wouldBlock = 11;
        return (exception.HResult & 0xFFFF) switch
        {
            readOnlyFileSystem => $"The data folder {folder} is on a read-only file system. Set Data:Path to one that can be written.",
            noSpace => $"The disk of the data folder {folder} is full. Make room and start again.",
            wouldBlock => $"The data folder {folder} is used by another process. Stop that one, or set Data:Path.",
            _ => $"The data folder {folder} can not be used: {exception.Message}",
        };
    }
}
