using System.Net;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Live;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IotBackend.IntegrationTests.Measurements;

/// <summary>The live feed in the whole program.</summary>
public sealed class LiveFeedTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_posted_is_told_as_it_was_stored_and_a_replayed_answer_tells_nothing()
    {
        await using var server = await AccessServer.StartAsync();
        var client = server.Client(await server.AddKeyAsync());
        using var subscription = server.Services.GetRequiredService<ILiveFeed>().Subscribe(
            new MeasurementFilter(BucketName.Default, ["a"], [], [], [], DeviceSet.All), null);
        await using var events = subscription.ReadAllAsync(Cancel).GetAsyncEnumerator(Cancel);

        await (await client.PostAsync(Posting.One, """{"device":"a","fields":{"x":1},"tags":{"location":"berlin"}}""", "key")).ShouldBeAsync(HttpStatusCode.Created);
        await (await client.PostAsync(Posting.One, """{"device":"a","fields":{"x":1},"tags":{"location":"berlin"}}""", "key")).ShouldBeAsync(HttpStatusCode.Created);
        await (await client.PostJsonAsync(Posting.Many, """[{"device":"b","fields":{"x":2}},{"device":"a","fields":{"x":"text"}},{"device":"a","fields":{"x":3}}]"""))
            .ShouldBeAsync(HttpStatusCode.MultiStatus);

        var (first, second) = (await NextAsync(events), await NextAsync(events));
        Assert.Equal(MeasurementKey.Create("a", "telemetry", [new("location", "berlin")]), first.Key);
        Assert.Equal([1.0, 3.0], new[] { first, second }.Select(measurement => Assert.Single(measurement.Fields).Value.Number));
        var stored = new List<string>();
        await foreach (var measurement in client.ReadAllAsync("device=a&order=asc", cancellationToken: Cancel))
            stored.Add(measurement.Timestamp);
        Assert.Equal(stored, [first.Timestamp.ToString(), second.Timestamp.ToString()]);
    }

    private static async Task<Measurement> NextAsync(IAsyncEnumerator<LiveEvent> events)
    {
        Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(Eventually.Patience, TimeProvider.System, Cancel));
        return events.Current.Measurement!;
    }
}
