namespace IotBackend.Api.Formats;

/// <summary>The forms in which measurements stream out, by media type.</summary>
internal static class RowFormats
{
    public const string Csv = "text/csv";
    public const string Ndjson = "application/x-ndjson";

    /// <summary>Null for a media type that does not stream.</summary>
    public static IRowFormat? Create(string? mediaType) => mediaType switch
    {
        Csv => new CsvRows(),
        Ndjson => new NdjsonRows(),
        _ => null,
    };
}
