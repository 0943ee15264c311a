namespace IotBackend.Application.Measurements.Transfer;

/// <summary>Opens files of exported measurements. Whatever is wrong with a file ends in <see cref="ExportFileException"/>.</summary>
public interface IExportFiles
{
    /// <summary>A new file; one of that name must not exist yet.</summary>
    ValueTask<IExportWriter> CreateAsync(string path, ExportHeader header, CancellationToken cancellationToken);

    /// <summary>Goes on with a file that was not completed, after the last part of it that is whole; null when there is none.</summary>
    ValueTask<IExportWriter?> ContinueAsync(string path, CancellationToken cancellationToken);

    /// <summary>Opens a file for reading from its beginning.</summary>
    ValueTask<IExportReader> OpenAsync(string path, CancellationToken cancellationToken);

    /// <summary>How far an import of the file has come, from beside it; null when that is not known.</summary>
    ValueTask<ImportState?> FindStateAsync(string path, CancellationToken cancellationToken);

    /// <summary>Keeps how far an import has come; null forgets it. False when it can not be kept.</summary>
    ValueTask<bool> KeepStateAsync(string path, ImportState? state, CancellationToken cancellationToken);
}
