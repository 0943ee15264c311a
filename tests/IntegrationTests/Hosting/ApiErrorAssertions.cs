using System.Globalization;
using System.Net;
using System.Text.Json;
using Xunit;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>Holds responses to the contract's error shape, whatever else they say.</summary>
internal static class ApiErrorAssertions
{
    private static readonly string[] Members = ["error", "message", "errorId", "details", "timestamp"];
    private static readonly string[] Internals = ["   at ", "Exception", "IotBackend.", "SQLite", "System.", ".cs:line", "/tmp/"];

    /// <summary>Fails unless the response is that status with that code, in the contract's shape.</summary>
    public static async Task<ApiError> ShouldFailAsync(this HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == status, $"Expected {(int)status} {code}, got {(int)response.StatusCode}: {body}");
        var error = response.ReadError(body);
        Assert.True(error.Code == code, $"Expected {(int)status} {code}, got {body}");
        return error;
    }

    /// <summary>Fails unless the response is an error in the contract's shape, of whatever status and code.</summary>
    public static ApiError ReadError(this HttpResponseMessage response, string body)
    {
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.Contains("X-Request-ID"), "X-Request-ID is missing.");
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        Assert.False(response.Headers.Contains("Server"), "A Server header tells what runs here.");
        Assert.DoesNotContain(Internals, text => body.Contains(text, StringComparison.Ordinal));
        using var json = JsonDocument.Parse(body);
        return Read(json.RootElement);
    }

    /// <summary>Fails unless one of the faults is this one, and says something.</summary>
    public static void ShouldTell(this ApiError error, string field, string code)
    {
        Assert.True(
            error.Faults.Any(f => f.Field == field && f.Code == code),
            $"Expected the fault {code} of '{field}', got {string.Join("; ", error.Faults)}.");
        Assert.All(error.Faults, f => Assert.False(string.IsNullOrWhiteSpace(f.Message)));
    }

    /// <summary>Fails unless the response is a 207 that took so many and refused so many.</summary>
    public static async Task<IReadOnlyList<ApiFault>> ShouldBePartialAsync(this HttpResponseMessage response, int accepted, int rejected)
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.MultiStatus, $"Expected 207, got {(int)response.StatusCode}: {body}");
        using var json = JsonDocument.Parse(body);
        Assert.Equal("partial", json.RootElement.GetProperty("status").GetString());
        Assert.Equal(accepted, json.RootElement.GetProperty("accepted").GetInt32());
        Assert.Equal(rejected, json.RootElement.GetProperty("rejected").GetInt32());
        return [.. FaultsOf(json.RootElement)];
    }

    private static ApiError Read(JsonElement body)
    {
        Assert.All(body.EnumerateObject(), member => Assert.Contains(member.Name, Members));
        var code = body.GetProperty("error").GetString()!;
        Assert.Matches("^[a-z][a-z0-9_]*$", code);
        Assert.False(string.IsNullOrWhiteSpace(body.GetProperty("message").GetString()));
        Assert.Matches("^[0-9A-HJKMNP-TV-Z]{26}$", body.GetProperty("errorId").GetString());
        var timestamp = body.GetProperty("timestamp").GetString()!;
        Assert.EndsWith("Z", timestamp, StringComparison.Ordinal);
        Assert.True(DateTimeOffset.TryParse(timestamp, CultureInfo.InvariantCulture, out _), timestamp);
        JsonElement? details = body.TryGetProperty("details", out var found) ? found.Clone() : null;
        Assert.True(details is null or { ValueKind: JsonValueKind.Object }, "details is no object.");
        return new ApiError(code, body.GetProperty("message").GetString()!, body.GetProperty("errorId").GetString()!, details, [.. FaultsOf(details)]);
    }

    private static IEnumerable<ApiFault> FaultsOf(JsonElement? details) =>
        details is not { } parent || !parent.TryGetProperty("errors", out var errors) ? [] : errors.EnumerateArray().Select(e => new ApiFault(
            e.TryGetProperty("index", out var index) ? index.GetInt32() : null,
            e.TryGetProperty("field", out var field) ? field.GetString() : null,
            e.GetProperty("code").GetString()!,
            e.GetProperty("message").GetString()!,
            e.TryGetProperty("line", out var line) ? line.GetInt32() : null));
}
