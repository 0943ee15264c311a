using System.Text.Json;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>How InfluxQL is sent to <c>/query</c>, which all versions have.</summary>
internal static class InfluxQlRequest
{
    private const int RowsAPart = 10_000;

    /// <summary>The path with its parameters; null as database for statements about the server.</summary>
    public static string Path(string? database, bool isStreamed)
    {
        var path = "query?epoch=ns";
        if (database is not null)
            path += $"&db={Uri.EscapeDataString(database)}";
        return isStreamed ? $"{path}&chunked=true&chunk_size={RowsAPart}" : path;
    }

    /// <summary>The statement as a form, so that its length does not matter, with the values that are bound in it.</summary>
    public static HttpContent Form(InfluxQl statement)
    {
        var form = new Dictionary<string, string> { ["q"] = statement.Text };
        if (statement.Values.Count > 0)
            form.Add("params", JsonSerializer.Serialize(statement.Values));
        return new FormUrlEncodedContent(form);
    }
}
