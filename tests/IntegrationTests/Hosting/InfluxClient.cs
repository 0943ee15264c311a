using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Xunit;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>Talks to an InfluxDB 1.x as its administrator: to judge what it holds, and to put things there that nobody else would.</summary>
internal sealed class InfluxClient(Func<Uri> address, InfluxOptions options) : IDisposable
{
    private readonly HttpClient _http = new() { DefaultRequestHeaders = { Authorization = Authorization(options) }, Timeout = Eventually.Patience };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(address(), "/ping"), Cancelled);
            return answer.StatusCode == HttpStatusCode.NoContent;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>What one statement of InfluxQL answers with; times are nanoseconds.</summary>
    public async Task<IReadOnlyList<InfluxSeries>> QueryAsync(string statement, string database = "")
    {
        using var form = new FormUrlEncodedContent([new("q", statement), new("db", database), new("epoch", "ns")]);
        using var answer = await _http.PostAsync(new Uri(address(), "/query"), form, Cancelled);
        var body = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.IsSuccessStatusCode, $"{statement}: {body}");
        using var json = JsonDocument.Parse(body);
        var result = json.RootElement.GetProperty("results")[0];
        Assert.False(result.TryGetProperty("error", out var error), $"{statement}: {error}");
        return result.TryGetProperty("series", out var series) ? [.. series.EnumerateArray().Select(InfluxSeries.From)] : [];
    }

    /// <summary>Lines of its line protocol, times in nanoseconds; fails the test when any is refused.</summary>
    public async Task WriteAsync(string database, string lines)
    {
        using var content = new StringContent(lines, Encoding.UTF8);
        using var answer = await _http.PostAsync(new Uri(address(), $"/write?db={Uri.EscapeDataString(database)}"), content, Cancelled);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
    }

    /// <summary>The only statement that an InfluxDB without users takes from anybody.</summary>
    public Task CreateAdministratorAsync() => QueryAsync($"CREATE USER {InfluxOptions.Username} WITH PASSWORD '{QuotedPassword}' WITH ALL PRIVILEGES");

    /// <summary>Gives the administrator the right password back, as another one.</summary>
    public async Task ResetAdministratorAsync(string username, string password)
    {
        _http.DefaultRequestHeaders.Authorization = Basic(username, password);
        await QueryAsync($"SET PASSWORD FOR {InfluxOptions.Username} = '{QuotedPassword}'");
        _http.DefaultRequestHeaders.Authorization = Authorization(options);
    }

    public void Dispose() => _http.Dispose();

    private static string QuotedPassword => InfluxOptions.Password.Replace("'", @"\'", StringComparison.Ordinal);

    private static AuthenticationHeaderValue? Authorization(InfluxOptions options) =>
        options.RequiresCredentials ? Basic(InfluxOptions.Username, InfluxOptions.Password) : null;

    private static AuthenticationHeaderValue Basic(string username, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{username}:{password}")));
}
