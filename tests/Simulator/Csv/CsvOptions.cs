namespace IotBackend.Simulator.Csv;

/// <summary>How a file's rows become measurements.</summary>
internal sealed record CsvOptions
{
    /// <summary>Null: the file's name without its extension.</summary>
    public string? Device { get; init; }

    /// <summary>Null: none is sent, the server's default holds.</summary>
    public string? Name { get; init; }

    /// <summary>The number that stands for a missing value; null when none does. An empty cell is always missing.</summary>
    public double? Missing { get; init; }

    /// <summary>The zone of times that are written without an offset; null reads them as UTC.</summary>
    public TimeZoneInfo? TimeZone { get; init; }
}
