namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>The parameters of <c>/query</c> that all versions share.</summary>
internal static class StrictQuery
{
    private static readonly string[] Precisions = ["ns", "u", "ms", "s", "m", "h"];

    /// <summary>Those that the real server gets as they came, once they have been checked.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Forwarded(StrictRequest request)
    {
        if (request["epoch"] is { } epoch && !Precisions.Contains(epoch))
            throw new DeviationException($"/query does not know the precision '{epoch}'");
        if (request["chunked"] is not (null or "true" or "false"))
            throw new DeviationException("'chunked' is true or false");
        if (request["chunk_size"] is { } size && (request["chunked"] != "true" || !int.TryParse(size, out var rows) || rows < 1))
            throw new DeviationException("'chunk_size' is a number above 0, and goes with chunked=true");
        foreach (var name in new[] { "epoch", "chunked", "chunk_size", "params" })
        {
            if (request[name] is { } value)
                yield return KeyValuePair.Create(name, value);
        }
    }
}
