using System.Net.Http.Json;
using System.Text.Json;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

/// <summary>Reads the audit log as an administrator does.</summary>
internal static class AuditLines
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<IReadOnlyList<JsonElement>> AuditAsync(this HttpClient client, string query = "") =>
        [.. (await client.GetFromJsonAsync<JsonElement>("/admin/audit" + query, Cancellation)).GetProperty("items").EnumerateArray()];

    /// <summary>The entries, when there are at least so many: security events are written a moment after they happen.</summary>
    public static Task<IReadOnlyList<JsonElement>> AuditAsync(this HttpClient client, string query, int count) => Eventually.GetAsync(
        async () => await client.AuditAsync(query) is var found && found.Count >= count ? found : null, $"{count} entries of {query} are in the audit log");

    public static string? Text(this JsonElement entry, string member) => entry.TryGetProperty(member, out var value) ? value.GetString() : null;

    public static string? Text(this JsonElement entry, string member, string inner) => entry.TryGetProperty(member, out var value) ? value.Text(inner) : null;
}
