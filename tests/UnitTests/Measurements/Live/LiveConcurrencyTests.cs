using IotBackend.Application.Measurements.Live;
using Xunit;

namespace IotBackend.UnitTests.Measurements.Live;

/// <summary>Many writers on many nodes, and subscribers who come and go: each is told of each measurement once, and in the order of its node.</summary>
public sealed class LiveConcurrencyTests
{
    private const int Feeds = 3;
    private const int WritersANode = 2;
    private const int Writes = 400;
    private const int Subscribers = 4;

    [Fact]
    public async Task Every_subscriber_is_told_of_each_measurement_once_and_in_the_order_of_its_writer()
    {
        var nodes = new ConnectedNodes();
        var feeds = Enumerable.Range(0, Feeds).Select(_ => new LiveFeed(nodes.Add(), new LiveFeedSettings(64 << 20), TimeProvider.System)).ToList();
        var readers = feeds.SelectMany(feed => Enumerable.Range(0, Subscribers).Select(_ => new LiveReader(feed.Subscribe(LiveFeedTests.All(), null)))).ToList();

        var writing = feeds.SelectMany((feed, node) => Enumerable.Range(0, WritersANode).Select(writer => Task.Run(
            () =>
            {
                for (var i = 0; i < Writes; i++)
                    LiveFeedTests.Store(feed, i, device: $"{node}-{writer}");
            },
            TestContext.Current.CancellationToken))).ToList();
        var seen = await Task.WhenAll(readers.Select((reader, i) => i % 2 == 0 ? ReadAsync(reader) : ReadAndComeBackAsync(reader, feeds[i / Subscribers])));

        await Task.WhenAll(writing);
        foreach (var events in seen)
        {
            var byWriter = events.GroupBy(told => told.Measurement!.Key.Device).ToList();
            Assert.Equal(Feeds * WritersANode, byWriter.Count);
            Assert.All(byWriter, writer => Assert.Equal(Enumerable.Range(0, Writes), writer.Select(LiveFeedTests.ValueOf)));
            Assert.Equal(events.Select(told => told.Id.Number).Order().Distinct(), events.Select(told => told.Id.Number));
        }

        feeds.ForEach(feed => feed.Dispose());
    }

    private static async Task<IReadOnlyList<LiveEvent>> ReadAsync(LiveReader reader)
    {
        await using (reader)
            return await reader.NextAsync(Feeds * WritersANode * Writes);
    }

    private static async Task<IReadOnlyList<LiveEvent>> ReadAndComeBackAsync(LiveReader reader, LiveFeed feed)
    {
        const int part = 300;
        var events = new List<LiveEvent>();
        for (var left = Feeds * WritersANode * Writes; left > 0; left -= part)
        {
            events.AddRange(await reader.NextAsync(Math.Min(part, left)));
            await reader.DisposeAsync();
            reader = new LiveReader(feed.Subscribe(LiveFeedTests.All(), events[^1].Id));
        }

        await reader.DisposeAsync();
        return events;
    }
}
