using System.Net;
using System.Text;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>Thousands of bodies that are nearly right, in the formats beside JSON: each gets an answer of the contract, and the server stands as before.</summary>
public sealed class FormatFuzzTests(IotServerFixture fixture, ITestOutputHelper output) : IClassFixture<IotServerFixture>
{
    private const int Seed = 20261127;
    private const int Bodies = 1_500;

    private static readonly string[] Scraps =
    [
        "\"", "\\", "\n", "\r\n", ",", "=", " ", "#", "{", "}", "[", "]", "null", "1e999", "9007199254740993i", "-", "\0", "\uFEFF", "_", "=\"", "device=d,", "\"bver\":99,", "\"x_\":1,", "\"bn\":5,",
    ];

    [Theory]
    [InlineData("/measurements", "text/plain", "# c\nm,device=d,k=v\\ w a=1i,b=\"te\\\"xt\",c=t 1764000000123456789\nm,host=e a=1.5e3\nm,device_id=f b=\"two\nlines\"\n")]
    [InlineData("/api/v2/write?bucket=default", "text/plain", "m,device=d,k=v a=1i,b=\"text\" 1764000000123456789\nm,host=e a=1.5e3\n")]
    [InlineData("/write?db=default", "text/plain", "m,device=d,k=v a=1i,b=\"text\" 1764000000123456789\nm,host=e a=1.5e3\n")]
    [InlineData("/measurements", "application/x-ndjson", "{\"device\":\"d\",\"timestamp\":\"2026-11-23T20:44:00Z\",\"fields\":{\"v\":1}}\n{\"device\":\"e\",\"fields\":{\"s\":\"x\"}}\n")]
    [InlineData("/measurements", "application/senml+json", "[{\"bn\":\"urn:dev:d:\",\"bt\":1.7e9,\"bu\":\"Cel\",\"n\":\"temp\",\"v\":23.1},{\"n\":\"open\",\"vb\":true},{\"n\":\"s\",\"s\":7}]")]
    public async Task Mutated_bodies_never_break_the_server(string address, string mediaType, string good)
    {
        var client = fixture.Server.Client();
        var answers = new int[600];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken };

        await Parallel.ForAsync(0, Bodies, parallel, async (number, _) =>
        {
            var body = Mutate(Encoding.UTF8.GetBytes(good), new Random(Seed + number));
            using var response = await client.PostBytesAsync(address, body, mediaType);
            Assert.True(
                response.StatusCode is HttpStatusCode.Created or HttpStatusCode.NoContent or HttpStatusCode.MultiStatus or HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity,
                $"Body {number} got {(int)response.StatusCode}: {Encoding.Latin1.GetString(body)}");
            Interlocked.Increment(ref answers[(int)response.StatusCode]);
        });

        foreach (var (status, count) in answers.Index().Where(answer => answer.Item > 0))
            output.WriteLine($"{status}: {count}");
        Assert.True(answers[201] + answers[204] > 0 && answers[400] > 0, "The mutations are too tame or too wild to test much.");
        using var ready = await client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    private static byte[] Mutate(byte[] body, Random random)
    {
        for (var mutations = random.Next(1, 4); mutations > 0; mutations--)
        {
            var at = random.Next(body.Length + 1);
            var end = Math.Min(body.Length, at + random.Next(12));
            byte[] scrap = random.Next(3) == 0 ? [(byte)random.Next(256)] : Encoding.UTF8.GetBytes(Scraps[random.Next(Scraps.Length)]);
            body = [.. body[..at], .. scrap, .. body[(random.Next(2) == 0 ? at : end)..]];
        }

        return body;
    }
}
