using System.Text;
using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.InfluxDb;
using Xunit;

namespace IotBackend.IntegrationTests.Influx.Exchanges;

/// <summary>What each answer to a write means: stored, refused for good, or to be sent again.</summary>
public sealed class WriteAnswerTests
{
    private const string V1 = "v1/write.http";
    private const string V2 = "v2/write.http";
    private const string V3 = "v3/write.http";

    private static readonly BucketName Plant = BucketName.TryParse("plant", out _)!;

    private static readonly byte[] Line = Encoding.UTF8.GetBytes("telemetry,device=d-1 value=1 1767873600000000000\n");

    public static TheoryData<string, string> Stored => new() { { V1, "stored" }, { V2, "stored" }, { V3, "stored" } };

    public static TheoryData<string, string, string> Refused => new()
    {
        { V1, "no line", "unable to parse 'telemetry,device=d-1 value= 1767873600000000000': missing field value" },
        { V1, "another type", "field type conflict" },
        { V1, "too old", "points beyond retention policy" },
        { V1, "too many values of a tag", "max-values-per-tag limit exceeded" },
        { V2, "no line", "unable to parse 'telemetry,device=d-1 value= 1767873600000000000': missing field value" },
        { V2, "another type", "field type conflict" },
        { V2, "too old", "points beyond retention policy" },
        { V2, "too old for 2.7.12", "outside retention policy" },
        { V3, "no line", "No fields were provided" },
        { V3, "another type", "invalid column type for column 'value'" },
        { V3, "a tag of that name", "expected iox::column_type::tag" },
        { V3, "too many columns", "number of columns" },
        { V3, "too many tables", "2000 tables" },
        { V3, "all refused", "No fields were provided" },
    };

    public static TheoryData<string, string> Missing => new()
    {
        { V1, "no database" }, { V2, "no bucket" }, { V3, "no database" }, { V3, "no room for the database" },
    };

    public static TheoryData<string, string> TooLarge => new() { { V1, "too large" }, { V2, "too large" }, { V3, "too large" }, { V3, "too large for earlier ones" } };

    public static TheoryData<string, string, string> Unavailable => new()
    {
        { V1, "no credentials", "401: authorization failed" },
        { V1, "not allowed", "403: " },
        { V1, "timeout", "500: timeout" },
        { V1, "engine closed", "500: engine is closed" },
        { V1, "busy", "503: request throttled" },
        { V1, "a proxy between", "502: <html>" },
        { V2, "no organisation", "404: organization name \"acme & sons\" not found" },
        { V2, "no token", "401: unauthorized access" },
        { V2, "not allowed", "403: insufficient permissions for write" },
        { V2, "too many", "429: " },
        { V2, "timeout", "500: unexpected error" },
        { V2, "busy", "503: " },
        { V3, "no token", "401: " },
        { V3, "not allowed", "403: " },
        { V3, "failing", "500: write buffer error" },
        { V3, "busy", "503: too many requests in flight" },
    };

    [Theory]
    [MemberData(nameof(Stored))]
    public async Task Lines_are_stored(string file, string title) => Assert.Equal(WriteAnswer.Stored, await WriteAsync(file, title));

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Lines_are_refused_for_good(string file, string title, string reason)
    {
        var answer = await WriteAsync(file, title);

        Assert.Equal(WriteAnswerKind.Refused, answer.Kind);
        Assert.Contains(reason, answer.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Missing))]
    public async Task Bucket_is_gone(string file, string title) => Assert.Equal(WriteAnswerKind.NoBucket, (await WriteAsync(file, title)).Kind);

    [Theory]
    [MemberData(nameof(TooLarge))]
    public async Task Request_is_too_large(string file, string title) => Assert.Equal(WriteAnswerKind.TooLarge, (await WriteAsync(file, title)).Kind);

    /// <summary>Nothing may be lost for a fault of the configuration or a server that is down: the lines wait.</summary>
    [Theory]
    [MemberData(nameof(Unavailable))]
    public async Task Lines_are_to_be_sent_again(string file, string title, string reason)
    {
        var answer = await WriteAsync(file, title);

        Assert.Equal(WriteAnswerKind.Unavailable, answer.Kind);
        Assert.StartsWith(reason, answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_answer_that_is_recorded_is_among_them()
    {
        var asked = Stored.Concat(Missing).Concat(TooLarge).Select(row => row.Data).Concat(Refused.Concat(Unavailable).Select(row => (row.Data.Item1, row.Data.Item2)));

        var recorded = new[] { V1, V2, V3 }.SelectMany(file => ExchangeFile.Titles(file).Select(title => (file, title)));

        Assert.Equal(recorded.Order(), asked.Order());
    }

    private static async Task<WriteAnswer> WriteAsync(string file, string title)
    {
        await using var store = RecordedStore.Play(file, title);
        return await store.Client.WriteAsync(Plant, Line, TestContext.Current.CancellationToken);
    }
}
