using System.Net;
using IotBackend.Application.Access;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IotBackend.IntegrationTests.Security;

/// <summary>A wrong id and a wrong secret are told apart by nothing, not even by their time.</summary>
[Collection(AloneCollection.Name)]
public sealed class CredentialTimingTests
{
    private const int Pairs = 3_000;
    private const int Attempts = 5;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Wrong_id_and_wrong_secret_take_the_same_time_to_whoever_asks()
    {
        await using var server = await AccessServer.StartAsync();
        var (wrongId, wrongSecret) = (server.Client(AccessServer.NewToken()), server.Client(AccessServer.WithOtherSecret(await server.AddKeyAsync())));
        await ShouldTakeTheSameAsync(() => AskAsync(wrongId), () => AskAsync(wrongSecret), median => median.One / 20);
    }

    [Fact]
    public async Task Wrong_id_costs_no_look_up_more_or_less_than_a_wrong_secret()
    {
        await using var server = await AccessServer.StartAsync();
        var authenticator = server.Services.GetRequiredService<IApiKeyAuthenticator>();
        var (wrongId, wrongSecret) = (AccessServer.NewToken(), AccessServer.WithOtherSecret(await server.AddKeyAsync()));

        // Both are answered from memory, in some microseconds; a look-up takes many times as long.
        await ShouldTakeTheSameAsync(() => CheckAsync(authenticator, wrongId), () => CheckAsync(authenticator, wrongSecret), _ => TimeProvider.System.TimestampFrequency * 3e-6);
    }

    // A machine that is busy with something else spoils a round, not all of them.
    private static async Task ShouldTakeTheSameAsync(Func<Task> one, Func<Task> other, Func<(double One, double Other), double> tolerance)
    {
        await MeasureAsync(one, other);
        var rounds = new List<(double One, double Other)>();
        for (var i = 0; i < Attempts; i++)
        {
            rounds.Add(await MeasureAsync(one, other));
            if (Math.Abs(rounds[^1].One - rounds[^1].Other) < tolerance(rounds[^1]))
                return;
        }

        Assert.Fail($"The medians of a wrong id and a wrong secret differ: {string.Join("; ", rounds)}.");
    }

    // The medians of both, measured in turn.
    private static async Task<(double One, double Other)> MeasureAsync(Func<Task> one, Func<Task> other)
    {
        var (ones, others) = (new long[Pairs], new long[Pairs]);
        for (var i = 0; i < Pairs; i++)
        {
            ones[i] = await TimeAsync(one);
            others[i] = await TimeAsync(other);
        }

        return (ones.Order().ElementAt(Pairs / 2), others.Order().ElementAt(Pairs / 2));
    }

    private static async Task<long> TimeAsync(Func<Task> act)
    {
        var began = TimeProvider.System.GetTimestamp();
        await act();
        return TimeProvider.System.GetTimestamp() - began;
    }

    private static async Task AskAsync(HttpClient client)
    {
        using var response = await client.GetAsync("/measurements", Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private static async Task CheckAsync(IApiKeyAuthenticator authenticator, string key) =>
        Assert.NotNull((await authenticator.AuthenticateAsync(key, IPAddress.Loopback, Cancellation)).Error);
}
