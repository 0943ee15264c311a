using CsvHelper;

namespace IotBackend.Simulator.Csv;

/// <summary>Reads a whole file at once: it has to know a timestamp's last row before it may send its first.</summary>
internal sealed class CsvSampleReader(CsvOptions options)
{
    private static readonly CsvReaderOptions Strict = new() { TrackLineNumbers = true, MalformedData = CsvMalformedDataHandling.Throw };

    /// <exception cref="UnreadableFileException">The file has no time columns, a row is malformed, or a time is unreadable.</exception>
    public CsvSamples Read(string path)
    {
        using var text = File.OpenText(path);
        return Read(path, text);
    }

    /// <param name="path">Names the device, and the file in messages.</param>
    /// <param name="text">The file's text.</param>
    public CsvSamples Read(string path, TextReader text)
    {
        using var csv = CsvReader.Create(text, Strict, leaveOpen: true);
        try
        {
            var headers = csv.Headers.ToArray();
            var rows = new RowCollector(options, CsvLayout.Detect(path, headers), path, headers.Length);
            while (csv.Read())
                rows.Add(csv.LineNumber, [.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)]);
            return rows.ToSamples(options.Device ?? Path.GetFileNameWithoutExtension(path), options.Name);
        }
        catch (CsvFormatException e)
        {
            throw new UnreadableFileException(path, csv.LineNumber, e.Message);
        }
    }
}
