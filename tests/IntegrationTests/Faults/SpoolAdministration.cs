using System.Net;
using System.Text.Json;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>What an administrator does with measurements that the database has refused, over HTTP.</summary>
internal sealed class SpoolAdministration(HttpClient client)
{
    private const string Refused = "/admin/spool/refused";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>All that was refused, page by page, one entry a page.</summary>
    public async Task<List<RefusedEntry>> ListAsync()
    {
        var entries = new List<RefusedEntry>();
        for (string? cursor = ""; cursor is not null;)
        {
            using var response = await client.GetAsync($"{Refused}?limit=1{cursor}", Cancelled);
            using var page = await ReadAsync(response);
            entries.AddRange(page.RootElement.GetProperty("items").EnumerateArray().Select(RefusedEntry.From));
            var hasMore = page.RootElement.GetProperty("hasMore").GetBoolean();
            cursor = hasMore ? "&cursor=" + Uri.EscapeDataString(page.RootElement.GetProperty("nextCursor").GetString()!) : null;
        }

        return entries;
    }

    /// <summary>Plays one entry again, or all; returns how many measurements.</summary>
    public async Task<long> ReplayAsync(string? id = null)
    {
        using var response = await client.PostAsync(id is null ? $"{Refused}/replay" : $"{Refused}/{id}/replay", null, Cancelled);
        using var answer = await ReadAsync(response);
        return answer.RootElement.GetProperty("measurements").GetInt64();
    }

    /// <summary>Forgets one entry; returns how many measurements.</summary>
    public async Task<long> DiscardAsync(string id)
    {
        using var response = await client.DeleteAsync($"{Refused}/{id}", Cancelled);
        using var answer = await ReadAsync(response);
        return answer.RootElement.GetProperty("measurements").GetInt64();
    }

    private static async Task<JsonDocument> ReadAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Accepted, $"{(int)response.StatusCode}: {body}");
        return JsonDocument.Parse(body);
    }
}
