using System.Text.Json;
using System.Text.Json.Nodes;
using IotBackend.Api.Influx;
using IotBackend.Domain.Results;
using Microsoft.AspNetCore.Http;
using Xunit;
using static IotBackend.UnitTests.Influx.InfluxClientBehavior;

namespace IotBackend.UnitTests.Influx;

/// <summary>What clients of InfluxDB do with our statuses: nothing that passes is dropped, and nothing that stays is sent for ever.</summary>
public sealed class InfluxErrorDialectTests
{
    private const string Version1 = "/write";
    private const string Version2 = "/api/v2/write";

    private static readonly InfluxErrorDialect Dialect = new();

    public static TheoryData<ErrorKind, string> Passing => new()
    {
        { ErrorKind.Unavailable, ErrorCodes.Overloaded },
        { ErrorKind.Unavailable, ErrorCodes.StorageUnavailable },
        { ErrorKind.Unavailable, ErrorCodes.KeyStoreUnavailable },
        { ErrorKind.RateLimited, ErrorCodes.RateLimitExceeded },
        { ErrorKind.SlowRequest, ErrorCodes.RequestTimeout },
        { ErrorKind.Timeout, ErrorCodes.Timeout },
        { ErrorKind.Internal, ErrorCodes.InternalError },
    };

    public static TheoryData<ErrorKind, string, int, int> Lasting => new()
    {
        { ErrorKind.Invalid, ErrorCodes.InvalidRequest, 400, 400 },
        { ErrorKind.Unprocessable, ErrorCodes.PartialWrite, 422, 400 },
        { ErrorKind.MethodNotAllowed, ErrorCodes.MethodNotAllowed, 405, 405 },
        { ErrorKind.UnsupportedMediaType, ErrorCodes.UnsupportedEncoding, 415, 415 },
    };

    [Theory]
    [MemberData(nameof(Passing))]
    public void What_passes_is_sent_again_by_every_client(ErrorKind kind, string code)
    {
        var (first, second) = (StatusOf(Version1, kind, code), StatusOf(Version2, kind, code));

        Assert.Equal(Reaction.SentAgain, TelegrafVersion1(first, MessageOf(Version1, kind, code)));
        Assert.Equal(Reaction.SentAgain, TelegrafVersion2(second));
        Assert.Equal(Reaction.SentAgain, Arduino(first));
        Assert.Equal(Reaction.SentAgain, Arduino(second));
        Assert.Equal(Reaction.SentAgain, JavaScript(second));
    }

    [Theory]
    [MemberData(nameof(Lasting))]
    public void What_stays_as_it_is_is_dropped_by_every_client(ErrorKind kind, string code, int version2, int version1)
    {
        Assert.Equal((version1, version2), (StatusOf(Version1, kind, code), StatusOf(Version2, kind, code)));
        Assert.Equal(Reaction.Dropped, TelegrafVersion1(version1, MessageOf(Version1, kind, code)));
        Assert.Equal(Reaction.Dropped, TelegrafVersion2(version2));
        Assert.Equal(Reaction.Dropped, Arduino(version2));
        Assert.Equal(Reaction.Dropped, JavaScript(version2));
    }

    [Fact]
    public void What_a_person_can_mend_is_kept_where_the_client_keeps_it()
    {
        Assert.Equal(Reaction.SentAgain, TelegrafVersion2(StatusOf(Version2, ErrorKind.Unauthenticated, ErrorCodes.InvalidCredentials)));
        Assert.Equal(Reaction.SentAgain, TelegrafVersion2(StatusOf(Version2, ErrorKind.Forbidden, ErrorCodes.BucketNotAllowed)));
        Assert.Equal(
            Reaction.SentAgain,
            TelegrafVersion1(StatusOf(Version1, ErrorKind.NotFound, ErrorCodes.BucketNotFound), MessageOf(Version1, ErrorKind.NotFound, ErrorCodes.BucketNotFound)));
        Assert.Equal(Reaction.SentAgain, JavaScript(StatusOf(Version2, ErrorKind.NotFound, ErrorCodes.BucketNotFound)));
    }

    [Fact]
    public void A_batch_that_is_too_large_is_halved_by_telegraf() =>
        Assert.Equal(Reaction.Halved, TelegrafVersion2(StatusOf(Version2, ErrorKind.TooLarge, ErrorCodes.BatchTooLarge)));

    [Theory]
    [InlineData("/write", true)]
    [InlineData("/write/", true)]
    [InlineData("/WRITE", true)]
    [InlineData("/query", true)]
    [InlineData("/ping", true)]
    [InlineData("/api/v2/write", true)]
    [InlineData("/api/v2/query", true)]
    [InlineData("/writer", false)]
    [InlineData("/api/v20", false)]
    [InlineData("/api", false)]
    [InlineData("/measurements", false)]
    [InlineData("/measurements/write", false)]
    public void The_address_alone_tells_who_asks(string path, bool isInflux) => Assert.Equal(isInflux, Dialect.IsSpokenBy(ContextOf(path).Request));

    [Fact]
    public void The_first_bad_line_is_told_whatever_the_order_in_which_faults_were_found()
    {
        var error = new Error(ErrorKind.Unprocessable, ErrorCodes.PartialWrite, "Some.")
        {
            Faults = [new("", ErrorCodes.InvalidLine, "Third.", 2, 3), new("fields.x", ErrorCodes.FieldTypeConflict, "Second.", 1, 2)],
            Details = new Dictionary<string, object> { [InfluxErrorDialect.DroppedDetail] = 2 },
        };

        Assert.Equal("partial write: line 2: field type conflict: 'fields.x': Second. dropped=2", (string?)Write(Version1, error)["error"]);
        Assert.Equal(2, (int)Write(Version2, error)["line"]!);
    }

    [Fact]
    public void A_message_becomes_a_header_of_one_line_of_ascii()
    {
        var context = ContextOf(Version1);
        Write(context, new Error(ErrorKind.Invalid, ErrorCodes.InvalidRequest, "a\r\nX-Evil: 1 ü" + new string('x', 5_000)));

        var header = context.Response.Headers["X-Influxdb-Error"].ToString();
        Assert.StartsWith("a??X-Evil: 1 ?x", header, StringComparison.Ordinal);
        Assert.Equal(1024, header.Length);
    }

    private static int StatusOf(string path, ErrorKind kind, string code) => Dialect.StatusOf(ContextOf(path).Request, new Error(kind, code, "It is so."));

    private static string MessageOf(string path, ErrorKind kind, string code) => (string)Write(path, new Error(kind, code, "It is so."))["error"]!;

    private static JsonNode Write(string path, Error error) => Write(ContextOf(path), error);

    private static JsonNode Write(HttpContext context, Error error)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            context.Response.StatusCode = Dialect.StatusOf(context.Request, error);
            Dialect.Write(context, json, error, "id", DateTimeOffset.UnixEpoch);
        }

        return JsonNode.Parse(stream.ToArray())!;
    }

    private static DefaultHttpContext ContextOf(string path) => new() { Request = { Path = path } };
}
