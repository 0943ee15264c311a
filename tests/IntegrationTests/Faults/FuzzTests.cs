using System.Net;
using System.Text;
using System.Text.Json;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>Thousands of bodies that are nearly right: each gets an answer of the contract, and the server stands as before.</summary>
public sealed class FuzzTests(IotServerFixture fixture, ITestOutputHelper output) : IClassFixture<IotServerFixture>
{
    private const string SeedVariable = "IOT_FUZZ_SEED";
    private const int DefaultSeed = 20261123;
    private const int Bodies = 10_000;
    private const int Connections = 8;

    private static int Seed => int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), out var seed) ? seed : DefaultSeed;

    [Fact]
    public async Task Mutated_bodies_never_break_the_server()
    {
        output.WriteLine($"{SeedVariable}={Seed} repeats this run.");
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Connections, CancellationToken = TestContext.Current.CancellationToken };
        var answers = new int[600];
        var client = fixture.Server.Client();

        await Parallel.ForAsync(0, Bodies, parallel, async (number, _) =>
        {
            var (path, body) = BodyMutation.Make(Seed, number);
            using var response = await client.PostBytesAsync(path, body);
            await AssertAnswerOfTheContractAsync(response, number, body);
            Interlocked.Increment(ref answers[(int)response.StatusCode]);
        });

        foreach (var (status, count) in answers.Index().Where(a => a.Item > 0))
            output.WriteLine($"{status}: {count}");
        Assert.True(answers[201] > Bodies / 50 && answers[207] > 0 && answers[400] > Bodies / 4, "The mutations are too tame or too wild to test much.");
        Assert.False(fixture.Server.HasExited);
        await AssertHealthyAsync(client);
    }

    private static async Task AssertAnswerOfTheContractAsync(HttpResponseMessage response, int number, byte[] body)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        try
        {
            switch (response.StatusCode)
            {
                case HttpStatusCode.Created:
                    AssertStatus(text, "stored");
                    break;
                case HttpStatusCode.MultiStatus:
                    AssertStatus(text, "partial");
                    break;
                case HttpStatusCode.BadRequest:
                    Assert.Contains(response.ReadError(text).Code, new[] { "invalid_request", "invalid_json" });
                    break;
                default:
                    Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
                    response.ReadError(text);
                    break;
            }
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(
                $"Body {number} of seed {Seed} got {(int)response.StatusCode} {text}. Its start: {Encoding.Latin1.GetString(body.AsSpan(0, Math.Min(body.Length, 500)))}", e);
        }
    }

    private static void AssertStatus(string text, string status)
    {
        using var json = JsonDocument.Parse(text);
        Assert.Equal(status, json.RootElement.GetProperty("status").GetString());
    }

    private static async Task AssertHealthyAsync(HttpClient client)
    {
        using var ready = await client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        using var stored = await client.PostJsonAsync(Posting.One, """{"device":"after-the-storm","fields":{"calm":true}}""");
        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        var read = await client.ReadAllAsync("device=after-the-storm", cancellationToken: TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal("true", Assert.Single(read).Fields["calm"]);
    }
}
