using System.Globalization;
using System.Text.Json;
using IotBackend.Api.Http;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Influx;

/// <summary>
/// Tells errors as InfluxDB does. Its clients drop what got a 4xx and send again what got a 5xx, so a fault that passes is never a 4xx; but for the 429
/// of 2.x, which all clients of 2.x know to wait for.
/// </summary>
internal sealed class InfluxErrorDialect : IErrorDialect
{
    /// <summary>The detail that says how many points of a request were not stored.</summary>
    public const string DroppedDetail = "dropped";

    private const int LongestHeader = 1024;

    public bool IsSpokenBy(HttpRequest request) => InfluxPaths.DialectOf(request.Path) is not null;

    public int StatusOf(HttpRequest request, Error error)
    {
        var isVersion1 = InfluxPaths.DialectOf(request.Path) == InfluxDialect.Version1;
        return error.Kind switch
        {
            ErrorKind.SlowRequest => StatusCodes.Status503ServiceUnavailable,
            // Also of points beyond the limit of new series beside others that were stored.
            ErrorKind.RateLimited when isVersion1 => StatusCodes.Status503ServiceUnavailable,
            _ when error.Code == ErrorCodes.PartialWrite && isVersion1 => StatusCodes.Status400BadRequest,
            _ => ErrorStatus.Of(error.Kind),
        };
    }

    public void Write(HttpContext context, Utf8JsonWriter json, Error error, string errorId, DateTimeOffset now)
    {
        if (InfluxPaths.DialectOf(context.Request.Path) == InfluxDialect.Version1)
            WriteVersion1(context.Response, json, error);
        else
            WriteVersion2(context.Response, json, error, errorId, now);
    }

    private static void WriteVersion1(HttpResponse response, Utf8JsonWriter json, Error error)
    {
        var message = DescribeVersion1(error);
        response.Headers["X-Influxdb-Error"] = ToHeader(message);
        if (error.Kind == ErrorKind.Unauthenticated)
            response.Headers.WWWAuthenticate = "Basic realm=\"IotBackend\"";
        json.WriteStartObject();
        json.WriteString("error"u8, message);
        json.WriteEndObject();
    }

    private static void WriteVersion2(HttpResponse response, Utf8JsonWriter json, Error error, string errorId, DateTimeOffset now)
    {
        if (error.Kind == ErrorKind.Unauthenticated)
            response.Headers.WWWAuthenticate = "Token realm=\"IotBackend\"";
        json.WriteStartObject();
        json.WriteString("code"u8, CodeOf(response.StatusCode));
        json.WriteString("message"u8, error.Code == ErrorCodes.PartialWrite ? Partial(error) : Describe(error));
        if (First(error)?.Line is { } line)
            json.WriteNumber("line"u8, line);
        json.WriteString("errorId"u8, errorId);
        json.WriteString("timestamp"u8, Timestamp.From(now).ToString());
        json.WriteEndObject();
    }

    // Clients of 1.x look for these words.
    private static string DescribeVersion1(Error error) => error.Code switch
    {
        ErrorCodes.BucketNotFound => "database not found: " + error.Message,
        ErrorCodes.MissingCredentials => "unable to parse authentication credentials: " + error.Message,
        ErrorCodes.InvalidCredentials => "authorization failed: " + error.Message,
        ErrorCodes.PartialWrite => Partial(error),
        _ when First(error) is { Code: ErrorCodes.InvalidLine } => "unable to parse " + Describe(error),
        _ when error.Details.ContainsKey(DroppedDetail) => Partial(error),
        _ => Describe(error),
    };

    private static string Partial(Error error)
    {
        var dropped = error.Details.TryGetValue(DroppedDetail, out var count) ? Convert.ToString(count, CultureInfo.InvariantCulture) : "0";
        return $"partial write: {Describe(error)} dropped={dropped}";
    }

    private static string Describe(Error error) => First(error) is not { } fault ? error.Message
        : fault.Line is { } line ? string.Create(CultureInfo.InvariantCulture, $"line {line}: {Text(fault)}")
        : Text(fault);

    private static string Text(Fault fault) => fault.Code switch
    {
        ErrorCodes.FieldTypeConflict => $"field type conflict: '{fault.Field}': {fault.Message}",
        ErrorCodes.BeyondRetention => $"points beyond retention policy: {fault.Message}",
        _ when fault.Field.Length > 0 => $"'{fault.Field}': {fault.Message}",
        _ => fault.Message,
    };

    private static Fault? First(Error error) => error.Faults.MinBy(fault => fault.Line ?? 0);

    private static string CodeOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "invalid",
        StatusCodes.Status401Unauthorized => "unauthorized",
        StatusCodes.Status403Forbidden => "forbidden",
        StatusCodes.Status404NotFound => "not found",
        StatusCodes.Status405MethodNotAllowed => "method not allowed",
        StatusCodes.Status409Conflict => "conflict",
        StatusCodes.Status413PayloadTooLarge => "request too large",
        StatusCodes.Status415UnsupportedMediaType => "unsupported media type",
        StatusCodes.Status422UnprocessableEntity => "unprocessable entity",
        StatusCodes.Status429TooManyRequests => "too many requests",
        StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout => "unavailable",
        < StatusCodes.Status500InternalServerError => "invalid",
        _ => "internal error",
    };

    // A header holds one line of visible ASCII.
    private static string ToHeader(string message) => string.Create(Math.Min(message.Length, LongestHeader), message, static (header, text) =>
    {
        for (var i = 0; i < header.Length; i++)
            header[i] = text[i] is >= ' ' and <= '~' ? text[i] : '?';
    });
}
