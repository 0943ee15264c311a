using IotBackend.Application.Measurements.Transfer;

namespace IotBackend.Infrastructure.Measurements.Exports;

/// <summary>What goes wrong with a file, in words that tell what to do.</summary>
internal static class ExportFailures
{
    // The numbers are those of Linux; elsewhere the message of the system has to do.
    private const int NoSpace = 28;

    public static ExportFileException OfWriting(string path, Exception exception) => new(
        (exception.HResult & 0xFFFF) == NoSpace
            ? $"{path} can not grow: the disk is full. Make room and go on with --resume; what is written stays."
            : $"{path} can not be written: {exception.Message}",
        exception);

    public static ExportFileException OfReading(string path, Exception exception) => new($"{path} can not be read: {exception.Message}", exception);

    public static ExportFileException Torn(string path, long offset) =>
        new($"{path} is torn: it ends within a block at byte {offset}, and so is not whole. Export it again, or go on with export --resume; an import then goes on with --resume.");

    public static ExportFileException NotComplete(string path, long offset) =>
        new($"{path} is not complete: it ends at byte {offset}, before its last block. Export it again, or go on with export --resume; an import then goes on with --resume.");

    public static ExportFileException Damaged(string path, long offset, string what) =>
        new($"{path} is damaged at byte {offset}: {what} Nothing of that block was stored.");

    public static ExportFileException NoExport(string path) => new($"{path} is no export of this program, or it was packed anew.");

    public static ExportFileException Newer(string path, int version) => new(
        $"{path} has version {version} of the format; this program knows up to {ExportHeaders.Version}. Use a newer program.");
}
