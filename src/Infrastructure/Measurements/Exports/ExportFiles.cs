using System.Text.Json;
using IotBackend.Application.Measurements.Transfer;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.Exports;

/// <summary>Files of exported measurements, and the standard streams in their place.</summary>
internal sealed partial class ExportFiles(TimeProvider time, ILogger<ExportFiles> logger) : IExportFiles
{
    /// <summary>Stands for the standard output or input.</summary>
    public const string StandardStream = "-";

    private const string StateSuffix = ".import-state";

    public async ValueTask<IExportWriter> CreateAsync(string path, ExportHeader header, CancellationToken cancellationToken)
    {
        if (path != StandardStream && File.Exists(path))
            throw new ExportFileException($"{path} exists already. --resume goes on with it; else name another file.");
        var writer = new ExportWriter(OpenForWriting(path, FileMode.CreateNew), path, header, new ExportScan());
        try
        {
            await writer.BeginAsync();
            return writer;
        }
        catch
        {
            await writer.DisposeAsync();
            throw;
        }
    }

    public async ValueTask<IExportWriter?> ContinueAsync(string path, CancellationToken cancellationToken)
    {
        if (path == StandardStream)
            throw new ExportFileException("--resume needs a file; the standard output has none.");
        if (!File.Exists(path))
            return null;
        var file = OpenForWriting(path, FileMode.Open);
        try
        {
            var scan = await ExportScan.ReadAsync(file, path, cancellationToken);
            if (scan.Header is { } header)
            {
                file.SetLength(scan.End);
                file.Position = scan.End;
                return new ExportWriter(file, path, header, scan);
            }

            await RequireBegunAsync(file, path, cancellationToken);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }

        // Broken off before its first block: there is nothing to go on with.
        await file.DisposeAsync();
        File.Delete(path);
        return null;
    }

    public async ValueTask<IExportReader> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var input = path == StandardStream ? Console.OpenStandardInput() : OpenForReading(path);
        try
        {
            return await ExportReader.OpenAsync(input, path, time, cancellationToken);
        }
        catch
        {
            await input.DisposeAsync();
            throw;
        }
    }

    public async ValueTask<ImportState?> FindStateAsync(string path, CancellationToken cancellationToken)
    {
        var file = path + StateSuffix;
        if (path == StandardStream || !File.Exists(file))
            return null;
        try
        {
            return JsonSerializer.Deserialize<ImportState>(await File.ReadAllBytesAsync(file, cancellationToken), JsonSerializerOptions.Web);
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ExportFileException($"{file} can not be read: {exception.Message} Delete it to begin anew.", exception);
        }
    }

    public async ValueTask<bool> KeepStateAsync(string path, ImportState? state, CancellationToken cancellationToken)
    {
        if (path == StandardStream)
            return true;
        var file = path + StateSuffix;
        try
        {
            if (state is null)
            {
                File.Delete(file);
                return true;
            }

            // Beside it and then in its place, so that no half of it is ever read.
            await File.WriteAllBytesAsync(file + ".next", JsonSerializer.SerializeToUtf8Bytes(state, JsonSerializerOptions.Web), cancellationToken);
            File.Move(file + ".next", file, overwrite: true);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotKept(logger, exception.Message, file);
            return false;
        }
    }

    // A few bytes of something else must not be deleted for the beginning of an export.
    private static async ValueTask RequireBegunAsync(Stream file, string path, CancellationToken cancellationToken)
    {
        var begin = new byte[GzipBlock.HeaderLength];
        file.Position = 0;
        try
        {
            var read = await file.ReadAtLeastAsync(begin, begin.Length, throwOnEndOfStream: false, cancellationToken);
            if (!GzipBlock.CanBegin(begin.AsSpan(0, read)))
                throw ExportFailures.NoExport(path);
        }
        catch (IOException exception)
        {
            throw ExportFailures.OfReading(path, exception);
        }
    }

    private static Stream OpenForWriting(string path, FileMode mode)
    {
        if (path == StandardStream)
            return Console.OpenStandardOutput();
        try
        {
            // Each block is written at once; a buffer would only copy it.
            return new FileStream(path, mode, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw ExportFailures.OfWriting(path, exception);
        }
    }

    private static FileStream OpenForReading(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw ExportFailures.OfReading(path, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(60, LogLevel.Debug, "How far the import has come can not be kept in {File}: {Reason}")]
        public static partial void NotKept(ILogger logger, string reason, string file);
    }
}
