using System.Globalization;
using System.Text.Json;
using IotBackend.Api.Security;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Http;

/// <summary>
/// Writes every error of the contract, as its own structure, as RFC 9457 or as an address of somebody else has it, and the log line that carries the
/// same errorId.
/// </summary>
internal sealed partial class ErrorWriter(TimeProvider time, IEnumerable<IErrorDialect> dialects, ILogger<ErrorWriter> logger)
{
    /// <summary>The most faults that an answer lists.</summary>
    public const int MaxFaults = 100;

    /// <summary>The member of an error's details that lists what is taken instead.</summary>
    public const string OfferedDetail = "offered";

    private const string ProblemJson = "application/problem+json";

    private readonly IErrorDialect[] _dialects = [.. dialects];

    // At five times what can be answered, a line for each refusal would cost more than the refusal.
    private readonly Tally _overloaded = new(time, TimeSpan.FromSeconds(10));

    /// <summary>Writes the error as the response; does nothing when a response has already begun.</summary>
    public async Task WriteAsync(HttpContext context, Error error, Exception? exception = null)
    {
        var now = time.GetUtcNow();
        var errorId = Ulid.NewUlid(now).ToString();
        var dialect = Array.Find(_dialects, dialect => dialect.IsSpokenBy(context.Request));
        var status = dialect?.StatusOf(context.Request, error) ?? ErrorStatus.Of(error.Kind);
        WriteLog(context, error, exception, errorId, status);
        if (context.Response.HasStarted)
            return;
        var response = context.Response;
        response.StatusCode = status;
        SetHeaders(response, error);
        context.RequestServices.GetService<RateLimitHeaders>()?.Write();
        var asProblem = dialect is null && AcceptHeader.PrefersProblem(context.Request);
        using var body = new JsonBody();
        if (dialect is null)
            Write(body.Writer, error, errorId, now, asProblem ? status : null);
        else
            dialect.Write(context, body.Writer, error, errorId, now);
        await body.SendAsync(response, asProblem ? ProblemJson : JsonBody.MediaType, context.RequestAborted);
    }

    /// <summary>Writes the faults as an array of <c>{ index or line?, field?, code, message }</c>, the first <see cref="MaxFaults"/> by index.</summary>
    public static void WriteFaults(Utf8JsonWriter json, IReadOnlyList<Fault> faults)
    {
        json.WriteStartArray("errors"u8);
        foreach (var fault in faults.OrderBy(fault => fault.Index).Take(MaxFaults))
        {
            json.WriteStartObject();
            if (fault.Line is { } line)
                json.WriteNumber("line"u8, line);
            else if (fault.Index is { } index)
                json.WriteNumber("index"u8, index);
            if (fault.Field.Length > 0)
                json.WriteString("field"u8, fault.Field);
            json.WriteString("code"u8, fault.Code);
            json.WriteString("message"u8, fault.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void SetHeaders(HttpResponse response, Error error)
    {
        response.Headers.CacheControl = "no-store";
        if (error.RetryAfter is { } wait)
            response.Headers.RetryAfter = Seconds(wait).ToString(CultureInfo.InvariantCulture);
        if (error.Code == ErrorCodes.UnsupportedMediaType && error.Details.TryGetValue(OfferedDetail, out var types))
            response.Headers.Accept = types.ToString();
        if (error.Code == ErrorCodes.UnsupportedEncoding && error.Details.TryGetValue(OfferedDetail, out var encodings))
            response.Headers.AcceptEncoding = encodings.ToString();
        if (error.Kind == ErrorKind.Unauthenticated)
            response.Headers.WWWAuthenticate = "Bearer realm=\"IotBackend\", ApiKey realm=\"IotBackend\", header=\"X-API-Key\"";
    }

    private static void Write(Utf8JsonWriter json, Error error, string errorId, DateTimeOffset now, int? problemStatus)
    {
        json.WriteStartObject();
        if (problemStatus is { } status)
        {
            json.WriteString("type"u8, "urn:iotbackend:error:" + error.Code);
            json.WriteString("title"u8, Title(error.Code));
            json.WriteNumber("status"u8, status);
            json.WriteString("detail"u8, error.Message);
            json.WriteString("instance"u8, "urn:ulid:" + errorId);
        }

        json.WriteString("error"u8, error.Code);
        json.WriteString("message"u8, error.Message);
        json.WriteString("errorId"u8, errorId);
        WriteDetails(json, error);
        json.WriteString("timestamp"u8, Timestamp.From(now).ToString());
        json.WriteEndObject();
    }

    private static void WriteDetails(Utf8JsonWriter json, Error error)
    {
        if (error.Details.Count == 0 && error.Faults.Count == 0 && error.RetryAfter is null)
            return;
        json.WriteStartObject("details"u8);
        foreach (var (name, value) in error.Details)
        {
            json.WritePropertyName(name);
            JsonSerializer.Serialize(json, value);
        }

        if (error.RetryAfter is { } wait)
            json.WriteNumber("retryAfterSeconds"u8, Seconds(wait));
        if (error.Faults.Count > 0)
            WriteFaults(json, error.Faults);
        json.WriteEndObject();
    }

    private static long Seconds(TimeSpan wait) => Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));

    private static string Title(string code) => char.ToUpperInvariant(code[0]) + code[1..].Replace('_', ' ');

    private void WriteLog(HttpContext context, Error error, Exception? exception, string errorId, int status)
    {
        var traceId = TraceIds.Of(context);
        if (error.Code == ErrorCodes.Overloaded)
            WriteOverloaded(context, error, errorId, status, traceId);
        else if (status >= StatusCodes.Status500InternalServerError)
            Log.Failed(logger, exception, context.Request.Method, context.Request.Path, status, error.Code, errorId, traceId, error.Message);
        else
            Log.Refused(logger, context.Request.Method, context.Request.Path, status, error.Code, errorId, traceId);
    }

    private void WriteOverloaded(HttpContext context, Error error, string errorId, int status, string traceId)
    {
        Log.Overloaded(logger, context.Request.Method, context.Request.Path, status, error.Code, errorId, traceId);
        if (_overloaded.CountToTell() is { } count)
            Log.Overload(logger, count, error.Message, errorId);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed: {Status} {Code}, error {ErrorId}, trace {TraceId}: {Reason}")]
        public static partial void Failed(
            ILogger logger, Exception? exception, string method, PathString path, int status, string code, string errorId, string traceId, string reason);

        [LoggerMessage(2, LogLevel.Information, "{Method} {Path} refused: {Status} {Code}, error {ErrorId}, trace {TraceId}")]
        public static partial void Refused(
            ILogger logger, string method, PathString path, int status, string code, string errorId, string traceId);

        [LoggerMessage(3, LogLevel.Debug, "{Method} {Path} refused: {Status} {Code}, error {ErrorId}, trace {TraceId}")]
        public static partial void Overloaded(
            ILogger logger, string method, PathString path, int status, string code, string errorId, string traceId);

        [LoggerMessage(4, LogLevel.Warning, "Overloaded: {Count} requests refused since this was last told, the last one as error {ErrorId}: {Reason}")]
        public static partial void Overload(ILogger logger, long count, string reason, string errorId);
    }
}
