using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Load;

/// <summary>A key that rate limits hold back, which the first admin key is not.</summary>
internal static class LimitedKey
{
    /// <summary>Makes one that may write measurements, of a tier that the server knows.</summary>
    public static async Task<string> MakeAsync(IotServer server, string tier, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        client.DefaultRequestHeaders.Add("X-API-Key", server.Key);
        using var response = await client.PostAsJsonAsync("/admin/keys", new { name = tier, scopes = new[] { "measurements:write" }, tier }, cancellationToken);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<IssuedKey>(cancellationToken))!.Key;
    }

    private sealed record IssuedKey(string Key);
}
