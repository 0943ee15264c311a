using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Xunit;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>Reads measurements back page by page, as a client that follows cursors.</summary>
internal static class MeasurementReader
{
    private const int LargestPage = 10_000;

    /// <summary>All measurements of the query, which names no limit and no cursor, in the order of the answer.</summary>
    /// <exception cref="ReadRefusedException">A page was refused.</exception>
    public static async IAsyncEnumerable<ReadMeasurement> ReadAllAsync(
        this HttpClient client, string query, int limit = LargestPage, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (string? cursor = ""; cursor is not null;)
        {
            using var page = await client.GetPageAsync($"/measurements?{query}&limit={limit}{cursor}", cancellationToken);
            var items = page.RootElement.GetProperty("items");
            foreach (var item in items.EnumerateArray())
                yield return ReadMeasurement.From(item);
            var hasMore = page.RootElement.GetProperty("hasMore").GetBoolean();
            Assert.True(!hasMore || items.GetArrayLength() == limit, "A page that is not the last is not full.");
            cursor = hasMore ? "&cursor=" + Uri.EscapeDataString(page.RootElement.GetProperty("nextCursor").GetString()!) : null;
        }
    }

    private static async Task<JsonDocument> GetPageAsync(this HttpClient client, string path, CancellationToken cancellationToken)
    {
        using var response = await client.GetAsync(path, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.StatusCode == HttpStatusCode.OK ? JsonDocument.Parse(body) : throw new ReadRefusedException(path, response.StatusCode, body);
    }
}
