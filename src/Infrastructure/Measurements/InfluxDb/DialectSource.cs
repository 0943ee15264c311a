using System.Text.Json;
using Microsoft.Extensions.Options;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// The dialect of the configured server: as configured, else asked of <c>/ping</c> once it answers. 1.x and 2.x tell their version in a header
/// to anyone; 3.x wants the token, and before 3.1 told it in the body alone.
/// </summary>
internal sealed class DialectSource(IHttpClientFactory clients, IOptions<InfluxDbOptions> options)
{
    private const string VersionHeader = "X-Influxdb-Version";

    private volatile IDialect? _dialect = options.Value.Version is { } version ? Of(version, options.Value) : null;

    /// <summary>Null until the server has been reached.</summary>
    public IDialect? Known => _dialect;

    /// <exception cref="InfluxDbException">The version is not known yet, and the server does not tell it now.</exception>
    public async ValueTask<IDialect> GetAsync(CancellationToken cancellationToken) => _dialect ??= await DetectAsync(cancellationToken);

    private static IDialect Of(int version, InfluxDbOptions options) => version switch
    {
        1 => new Version1Dialect(options),
        2 when options.Organization.Length == 0 =>
            throw new InfluxDbException(InfluxDbFailure.Refused, "InfluxDB 2.x needs Measurements:InfluxDb:Organization."),
        2 => new Version2Dialect(options),
        3 => new Version3Dialect(options),
        _ => throw new InfluxDbException(InfluxDbFailure.Refused, $"InfluxDB {version}.x is not known; set Measurements:InfluxDb:Version."),
    };

    private async Task<IDialect> DetectAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "ping");
        if (options.Value.Token.Length > 0)
            request.Headers.TryAddWithoutValidation("Authorization", $"Token {options.Value.Token}");
        using var response = await InfluxDbClient.SendAsync(clients.CreateClient(InfluxDbClient.QueryClient), request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        var text = response.Headers.TryGetValues(VersionHeader, out var headers)
            ? headers.First()
            : VersionIn(await response.Content.ReadAsStringAsync(cancellationToken));
        if (text is not null && int.TryParse(text.TrimStart('v').Split('.')[0], out var version))
            return Of(version, options.Value);
        throw new InfluxDbException(
            InfluxDbFailure.Unavailable, $"/ping answered {(int)response.StatusCode} without a version; set Measurements:InfluxDb:Version.");
    }

    private static string? VersionIn(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("version", out var version) ? version.ToString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
