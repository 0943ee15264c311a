using System.Globalization;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Live;
using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;
using IotBackend.UnitTests.Buckets;
using IotBackend.UnitTests.Domain.Measurements;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Measurements.Live;

/// <summary>Who is told what, on one node and on several.</summary>
public sealed class LiveFeedTests : IDisposable
{
    private const string Bucket = "b";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 20, 44, 0, TimeSpan.Zero));
    private readonly ConnectedNodes _nodes = new();
    private readonly ConnectedNodes.Node _nodeA;
    private readonly ConnectedNodes.Node _nodeB;
    private readonly LiveFeed _a;
    private readonly LiveFeed _b;

    public LiveFeedTests()
    {
        (_nodeA, _nodeB) = (_nodes.Add(), _nodes.Add());
        (_a, _b) = (NewFeed(_nodeA), NewFeed(_nodeB));
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }

    [Fact]
    public async Task Subscriber_is_told_of_what_is_stored_from_now_on_and_of_all_of_it()
    {
        await using var reader = new LiveReader(_a.Subscribe(All(), null));
        Store(_a, 1, device: "greenhouse-12");
        using var batch = new MeasurementBatch(new Timestamp(7));
        var writer = new MeasurementBatchWriter(batch);
        writer.Begin();
        writer.Device("d").Text("text", "ünïcode").Number("number", -0.5).Boolean("door", true).At(long.MinValue);
        writer.Name("climate").Tag("location", "berlin");
        writer.End();
        _a.Publish(TestBuckets.Name(Bucket), batch);

        var (first, second) = (await reader.NextAsync(), await reader.NextAsync());

        Assert.Equal(("greenhouse-12", 1), (first.Measurement!.Key.Device, ValueOf(first)));
        Assert.Equal(MeasurementKey.Create("d", "climate", [new("location", "berlin")]), second.Measurement!.Key);
        Assert.Equal(long.MinValue, second.Measurement.Timestamp.Nanoseconds);
        Assert.Equal(
            [new("door", FieldValue.Of(true)), new("number", FieldValue.Of(-0.5)), new Field("text", FieldValue.Of("ünïcode"))], second.Measurement.Fields);
        Assert.True(reader.IsWaiting());
    }

    [Fact]
    public async Task What_is_stored_on_one_node_is_told_on_another_in_its_order()
    {
        await using var reader = new LiveReader(_a.Subscribe(All(), null));
        for (var i = 0; i < 20; i++)
            Store(i % 2 == 0 ? _b : _a, i);
        Assert.Equal(Enumerable.Range(0, 20), (await reader.NextAsync(20)).Select(ValueOf));
    }

    [Fact]
    public void While_nobody_watches_nothing_is_packed_kept_or_sent()
    {
        using var batch = BatchOf("d", 1);
        var bucket = TestBuckets.Name(Bucket);
        _a.Publish(bucket, batch);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            _a.Publish(bucket, batch);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(_nodeA.Published);
    }

    [Fact]
    public async Task Nodes_tell_each_other_only_while_somebody_watches_and_a_little_longer()
    {
        var reader = new LiveReader(_a.Subscribe(All(), null));
        for (var i = 0; i < 20; i++)
        {
            _time.Advance(LiveFeed.Renewal);
            Store(_b, i);
        }

        Assert.Equal(Enumerable.Range(0, 20), (await reader.NextAsync(20)).Select(ValueOf));
        await reader.DisposeAsync();
        var packets = Packets(_nodeB);
        _time.Advance(LiveFeed.Linger / 2);
        Store(_b, 1);
        Assert.Equal(packets + 1, Packets(_nodeB));
        for (var passed = TimeSpan.Zero; passed < LiveFeed.Linger + LiveFeed.InterestDuration; passed += LiveFeed.Renewal)
            _time.Advance(LiveFeed.Renewal);
        var published = _nodeA.Published.Count + _nodeB.Published.Count;
        Store(_b, 2);
        Store(_a, 2);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(published, _nodeA.Published.Count + _nodeB.Published.Count);
    }

    [Fact]
    public async Task Interest_of_a_node_that_died_ends()
    {
        await using var reader = new LiveReader(_a.Subscribe(All(), null));
        _nodeA.Disconnect();
        _time.Advance(LiveFeed.InterestDuration + LiveFeed.Renewal);
        var packets = Packets(_nodeB);
        Store(_b, 1);
        Assert.Equal(packets, Packets(_nodeB));
    }

    [Theory]
    [InlineData("greenhouse-1", "climate", "temperature", "berlin", true)]
    [InlineData("greenhouse-2", "climate", "temperature", "berlin", false)]
    [InlineData("house-1", "climate", "temperature", "berlin", false)]
    [InlineData("greenhouse-1", "other", "temperature", "berlin", false)]
    [InlineData("greenhouse-1", "climate", "humidity", "berlin", false)]
    [InlineData("greenhouse-1", "climate", "temperature", "paris", false)]
    public async Task Filter_takes_what_fits_all_of_its_parts(string device, string name, string field, string location, bool isTaken)
    {
        var filter = new MeasurementFilter(
            TestBuckets.Name(Bucket), ["greenhouse-1", "house-1"], ["climate"], ["temperature"], [new("location", "berlin")],
            new DeviceSet([DevicePattern.Parse("greenhouse-*")]));
        await using var reader = new LiveReader(_a.Subscribe(filter, null));
        using var batch = new MeasurementBatch(new Timestamp(7));
        var writer = new MeasurementBatchWriter(batch);
        writer.Begin();
        writer.Device(device).Number(field, 1).Number("further", 2);
        writer.Name(name).Tag("a", "location").Tag("location", location);
        writer.End();
        _a.Publish(TestBuckets.Name(Bucket), batch);
        _a.Publish(TestBuckets.Name("other"), batch);

        if (isTaken)
            Assert.Equal([new Field(field, FieldValue.Of(1))], (await reader.NextAsync()).Measurement!.Fields);
        Assert.True(reader.IsWaiting());
    }

    [Fact]
    public async Task Rejected_rows_are_told_to_nobody()
    {
        await using var reader = new LiveReader(_a.Subscribe(All(), null));
        using var batch = BatchOf("d", 1, 2, 3);
        batch.Reject(1, "fields.x", "field_type_conflict", "It is so.");
        _a.Publish(TestBuckets.Name(Bucket), batch);
        Assert.Equal([1, 3], (await reader.NextAsync(2)).Select(ValueOf));
        Assert.True(reader.IsWaiting());
    }

    [Fact]
    public async Task Slow_reader_is_cut_off_and_told_and_nobody_waits_for_it()
    {
        var feed = NewFeed(_nodes.Add(), bufferBytes: 10_000);
        await using var slow = new LiveReader(feed.Subscribe(All(), null));
        await using var quick = new LiveReader(feed.Subscribe(All(), null));
        Store(feed, -1);
        Assert.Equal(-1, ValueOf(await slow.NextAsync()));
        Assert.Equal(-1, ValueOf(await quick.NextAsync()));
        var seen = new List<int>();
        for (var i = 0; i < 1_000; i++)
        {
            Store(feed, i);
            seen.Add(ValueOf(await quick.NextAsync()));
        }

        Assert.Equal(Enumerable.Range(0, 1_000), seen);
        var last = await slow.NextAsync();
        Assert.Equal((LiveEventKind.CutOff, (Measurement?)null), (last.Kind, last.Measurement));
        await slow.AssertEndAsync();
        feed.Dispose();
    }

    [Fact]
    public async Task Large_batch_is_told_in_parts_that_are_whole()
    {
        await using var reader = new LiveReader(_b.Subscribe(All(), null));
        using var batch = BatchOf("d", [.. Enumerable.Range(0, 10_000)]);
        _a.Publish(TestBuckets.Name(Bucket), batch);
        Assert.True(Packets(_nodeA) > 3);
        Assert.Equal(Enumerable.Range(0, 10_000), (await reader.NextAsync(10_000)).Select(ValueOf));
    }

    [Fact]
    public async Task Messages_that_are_not_understood_are_a_gap_and_end_nothing()
    {
        await using var reader = new LiveReader(_a.Subscribe(All(), null));
        _time.Advance(TimeSpan.FromSeconds(10));
        byte[][] strange = [[], [2, 1, 98], [1, 200], [1, 1, 98, 255, 255, 255, 255, 255, 255], [1, 1, 98, 3, 1, 2, 3]];
        foreach (var message in strange)
            _nodeA.Receive(LiveFeed.Topic, message);
        Store(_b, 5);
        Assert.All(await reader.NextAsync(strange.Length), told => Assert.Equal(LiveEventKind.Gap, told.Kind));
        Assert.Equal(5, ValueOf(await reader.NextAsync()));
    }

    [Fact]
    public async Task Node_that_joins_or_comes_back_is_a_gap_for_those_who_watch_already()
    {
        await using var reader = new LiveReader(_a.Subscribe(All(), null));
        _time.Advance(TimeSpan.FromSeconds(10));
        using var late = NewFeed(_nodes.Add());
        Store(late, 1);
        _time.Advance(LiveFeed.Renewal);
        Store(late, 2);
        Assert.Equal(LiveEventKind.Gap, (await reader.NextAsync()).Kind);
        Assert.Equal(2, ValueOf(await reader.NextAsync()));

        _nodeA.Disconnect();
        Store(_b, 3);
        _nodeA.Reconnect();
        Store(_b, 4);
        Assert.Equal(LiveEventKind.Gap, (await reader.NextAsync()).Kind);
        Assert.Equal(4, ValueOf(await reader.NextAsync()));
    }

    internal static MeasurementFilter All(string bucket = Bucket) => new(TestBuckets.Name(bucket), [], [], [], [], DeviceSet.All);

    internal static int ValueOf(LiveEvent told) => (int)told.Measurement!.Fields.Single(field => field.Name == "x").Value.Number;

    internal static void Store(LiveFeed feed, int value, string device = "d")
    {
        using var batch = BatchOf(device, value);
        feed.Publish(TestBuckets.Name(Bucket), batch);
    }

    private static int Packets(ConnectedNodes.Node node) => node.Published.Count(topic => topic == LiveFeed.Topic);

    private static MeasurementBatch BatchOf(string device, params int[] values)
    {
        var batch = new MeasurementBatch(new Timestamp(7));
        var writer = new MeasurementBatchWriter(batch);
        foreach (var value in values)
        {
            writer.Begin();
            writer.Device(device).Number("x", value).Text("label", value.ToString(CultureInfo.InvariantCulture));
            writer.End();
        }

        return batch;
    }

    private LiveFeed NewFeed(ConnectedNodes.Node node, long bufferBytes = 16 << 20) => new(node, new LiveFeedSettings(bufferBytes), _time);
}
