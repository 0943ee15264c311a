using CsCheck;
using IotBackend.Application.Buckets;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Embedded;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

/// <summary>The whole store beside a naive one: the same random actions, the same answers.</summary>
public sealed class EmbeddedStoreModelTests
{
    private static readonly string[] Devices = ["d-1", "d-2", "e-1", "ü"];
    private static readonly string[] Names = ["climate", "power"];
    private static readonly BucketName[] Buckets = [BucketName.Default, TestStore.Named("a"), TestStore.Named("ü")];
    private static readonly string[] Fields = ["boolean", "number", "text", "any", "Ä"];

    // Two scales: times that collide and overlap, and a long even run that fills chunks; some before 1970 and at the ends of time.
    private static readonly Gen<long> Time = Gen.Frequency(
        (6, Gen.Long[-200, 800].Select(second => second * TestStore.Second)),
        (3, Gen.Long[0, 40].Select(second => second * TestStore.Second)),
        (1, Gen.OneOf(long.MinValue, long.MinValue + 1, -1L, 0L, 1L, long.MaxValue - 2, long.MaxValue - 1)));

    // The clock starts an hour after zero, and so an hour's retention moves through the times above.
    private static readonly Gen<Retention> AnyRetention = Gen.Frequency(
        (2, Gen.Const(Retention.Forever)), (3, Gen.Const(Retention.OfHours(1))), (1, Gen.Const(Retention.OfHours(2))));

    private static readonly Gen<BucketName> AnyBucket = Gen.Frequency((3, Gen.Const(Buckets[0])), (2, Gen.Const(Buckets[1])), (1, Gen.Const(Buckets[2])));

    private static readonly Gen<FieldValue> AnyValue = Gen.OneOf(
        Gen.OneOf(Gen.Double[-1e6, 1e6], Gen.Int[-10, 300].Select(whole => whole / 10.0), Gen.OneOf(-0.0, double.MaxValue, double.Epsilon))
            .Select(number => FieldValue.Of(number)),
        Gen.Bool.Select(boolean => FieldValue.Of(boolean)),
        Gen.OneOf(Gen.OneOf("", "ok", "fault", "Störung", "😀"), Gen.Int[0, 1024].Select(length => new string('x', length)))
            .Select(text => FieldValue.Of(text)));

    private static readonly Gen<MeasurementKey> Key = Gen.Select(
        Gen.OneOf(Devices), Gen.OneOf(Names), Gen.Int[0, 3], (device, name, tags) => MeasurementKey.Create(device, name, Tags(tags)));

    private static readonly Gen<Row> AnyRow = Gen.Select(Key, Time, Gen.OneOf(Fields).Array[1, 4], AnyValue.Array[5])
        .Select((key, time, fields, values) => new Row(key, time, [.. fields.Distinct().Select(field => (field, ValueOf(field, values)))]));

    private static readonly Gen<Row[]> Run = Gen.Select(Key, Gen.Long[-100, 500], Gen.Int[1, 700], Gen.Int[1, 3])
        .Select((key, start, count, step) => Enumerable.Range(0, count)
            .Select(i => new Row(key, (start + (i * step)) * TestStore.Second, [("number", FieldValue.Of((i % 50) / 10.0))])).ToArray());

    private static readonly Gen<MeasurementFilter> Filter = Gen.Select(
        AnyBucket, Some(Devices), Some(Names), Some(Fields), Gen.Int[0, 6], Gen.Int[0, 5], (bucket, devices, names, fields, tags, visible) =>
            new MeasurementFilter(bucket, devices, names, fields, tags < 3 ? Tags(tags) : [], Visible(visible)));

    private static readonly Gen<MeasurementSelection> Selection = Gen.Select(Filter, Time, Time, Gen.Bool).Select((filter, one, other, whole) =>
        new MeasurementSelection(filter, whole
            ? new TimeRange(Timestamp.MinValue, Timestamp.MaxValue)
            : new TimeRange(new Timestamp(Math.Min(one, other)), new Timestamp(Math.Max(one, other)))));

    private static readonly Gen<Func<Pair, Task>> Action = Gen.Frequency(
        (6, Gen.Select(AnyBucket, AnyRow.Array[1, 12]).Select<(BucketName, Row[]), Func<Pair, Task>>(write => pair => pair.WriteAsync(write.Item1, write.Item2))),
        (3, Gen.Select(AnyBucket, Run).Select<(BucketName, Row[]), Func<Pair, Task>>(write => pair => pair.WriteAsync(write.Item1, write.Item2))),
        (3, Gen.Const<Func<Pair, Task>>(pair => pair.FlushAsync())),
        (2, Selection.Select<MeasurementSelection, Func<Pair, Task>>(selection => pair => pair.DeleteAsync(selection))),
        (3, Gen.Select(AnyBucket, AnyRetention).Select<(BucketName, Retention), Func<Pair, Task>>(bucket => pair => pair.SaveBucketAsync(bucket.Item1, bucket.Item2))),
        (1, AnyBucket.Select<BucketName, Func<Pair, Task>>(bucket => pair => pair.DeleteBucketAsync(bucket))),
        (2, Gen.Int[1, 400].Select<int, Func<Pair, Task>>(seconds => pair => pair.WaitAsync(seconds))),
        (1, Gen.Const<Func<Pair, Task>>(pair => pair.SweepAsync())),
        (1, AnyBucket.Select<BucketName, Func<Pair, Task>>(bucket => pair => pair.CountAsync(bucket))),
        (1, Gen.Const<Func<Pair, Task>>(pair => pair.RestartAsync())),
        (1, Gen.Const<Func<Pair, Task>>(pair => pair.KillAsync())),
        (5, Gen.Select(Selection, Gen.Enum<SortOrder>(), Gen.OneOf(Gen.Int[1, 12], Gen.Int[1, 2000]))
            .Select<(MeasurementSelection, SortOrder, int), Func<Pair, Task>>(query => pair => pair.ReadAsync(query.Item1, query.Item2, query.Item3))),
        (3, Gen.Select(Selection, Gen.OneOf(0L, 1, 7, 300, 3_600, 86_400), Gen.Enum<AggregateFunction>().Array[1, 3], Gen.OneOf(Gen.Int[0, 20], Gen.Const(50_000)))
            .Select<(MeasurementSelection, long, AggregateFunction[], int), Func<Pair, Task>>(
                query => pair => pair.AggregateAsync(query.Item1, query.Item2 * TestStore.Second, query.Item3, query.Item4))),
        (2, Gen.Select(Selection, Gen.Enum<SortOrder>(), Gen.OneOf(1, 3, 256))
            .Select<(MeasurementSelection, SortOrder, int), Func<Pair, Task>>(query => pair => pair.StreamAsync(query.Item1, query.Item2, query.Item3))),
        (3, Gen.Select(Filter, Time, Gen.Int[1, 6]).Select<(MeasurementFilter, long, int), Func<Pair, Task>>(
            query => pair => pair.ReadLatestAsync(query.Item1, query.Item2, query.Item3))));

    [Fact]
    public Task The_store_answers_as_a_naive_one_whatever_happens_in_whatever_order() => Action.Array[1, 40].SampleAsync(
        async actions =>
        {
            using var pair = new Pair();
            await RunAsync(pair, actions);
        },
        threads: 2);

    [Fact]
    public Task Answers_are_the_same_while_one_flush_follows_the_other() => Action.Array[1, 40].SampleAsync(
        async actions =>
        {
            using var pair = new Pair();
            using var ended = new CancellationTokenSource();
            var flushing = Task.Run(() => pair.FlushUntil(ended.Token), CancellationToken.None);
            try
            {
                await RunAsync(pair, actions);
            }
            finally
            {
                await ended.CancelAsync();
                await flushing;
            }
        },
        iter: 30, threads: 2);

    private static async Task RunAsync(Pair pair, Func<Pair, Task>[] actions)
    {
        foreach (var action in actions)
            await action(pair);
        foreach (var bucket in Buckets)
            await pair.ReadAsync(new MeasurementSelection(TestStore.In(bucket), new TimeRange(Timestamp.MinValue, Timestamp.MaxValue)), SortOrder.Ascending, 10_000);
    }

    private static Gen<string[]> Some(string[] all) => Gen.Frequency((3, Gen.Const(Array.Empty<string>())), (2, Gen.OneOf([.. all, "unknown"]).Array[1, 3]));

    private static KeyValuePair<string, string>[] Tags(int kind) => kind switch
    {
        0 => [],
        1 => [new("site", "a")],
        2 => [new("a", "site"), new("site", "b")],
        _ => [new("site", "b")],
    };

    private static DeviceSet Visible(int kind) => kind switch
    {
        0 => new DeviceSet([DevicePattern.Parse("d-*")]),
        1 => new DeviceSet([DevicePattern.Parse("d-1"), DevicePattern.Parse("ü")]),
        _ => DeviceSet.All,
    };

    private static FieldValue ValueOf(string field, FieldValue[] values) => field switch
    {
        "boolean" => FieldValue.Of(values[0].Bits % 2 == 0),
        "number" => FieldValue.Of(values[1].Type == FieldType.Number ? values[1].Number : 0),
        "text" => FieldValue.Of(values[2].Text),
        "any" => values[3],
        _ => FieldValue.Of(1.0),
    };

    private sealed record Row(MeasurementKey Key, long Time, (string Name, FieldValue Value)[] Fields);

    private sealed class Pair : IDisposable
    {
        private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddHours(1));
        private readonly TestStore _real;
        private readonly NaiveStore _naive;
        private readonly Lock _open = new();

        public Pair() => (_real, _naive) = (new TestStore(new EmbeddedStoreOptions { MemtableBytes = 1 << 20 }, time: _time), new NaiveStore(_time));

        public void FlushUntil(CancellationToken ended)
        {
            while (!ended.IsCancellationRequested)
            {
                lock (_open)
                    _real.Flush();
            }
        }

        public async Task WriteAsync(BucketName bucket, Row[] rows)
        {
            using var batch = TestStore.Batch(writer =>
            {
                foreach (var row in rows)
                    writer.Measure(row.Key, row.Time, row.Fields);
            });
            if (!IsThere(bucket, await _real.Store.WriteAsync(bucket, batch, CancellationToken.None)))
                return;
            var refused = rows.Where(row => !_naive.Write(row.Key, row.Time, row.Fields, bucket)).Count();
            Assert.Equal(refused, batch.RejectedCount);
        }

        public async Task DeleteAsync(MeasurementSelection selection)
        {
            var dry = await _real.Store.DeleteAsync(selection, true, CancellationToken.None);
            var deleted = await _real.Store.DeleteAsync(selection, false, CancellationToken.None);
            if (!IsThere(selection.Filter.Bucket, deleted))
                return;
            Assert.Equal(_naive.Delete(selection), deleted.Value);
            Assert.Equal(deleted.Value, dry.Value);
        }

        public async Task SaveBucketAsync(BucketName name, Retention retention)
        {
            var bucket = new Bucket(name, $"keeps {retention}", retention);
            var saved = await _real.Store.Buckets.SaveAsync(bucket, BucketCondition.None, CancellationToken.None);
            Assert.Equal(new BucketChange(bucket, _naive.Save(bucket)), saved.Value);
        }

        public async Task DeleteBucketAsync(BucketName name)
        {
            var deleted = await _real.Store.Buckets.DeleteAsync(name, BucketCondition.None, CancellationToken.None);
            if (name == BucketName.Default)
                Assert.Equal(ErrorCodes.Conflict, deleted.Error?.Code);
            else if (IsThere(name, deleted))
                Assert.True(_naive.Delete(name));
            Assert.Equal(_naive.Buckets, (await _real.Store.Buckets.ListAsync(CancellationToken.None)).Value);
        }

        public Task WaitAsync(int seconds)
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
            return Task.CompletedTask;
        }

        public Task SweepAsync()
        {
            _real.Sweep();
            return Task.CompletedTask;
        }

        // Exact when all is flushed and no chunk is cut by the retention.
        public async Task CountAsync(BucketName bucket)
        {
            _real.Flush();
            var usage = await _real.Store.Buckets.MeasureAsync(bucket, CancellationToken.None);
            if (!IsThere(bucket, usage))
                return;
            Assert.InRange(usage.Value.Measurements!.Value, _naive.Count(bucket), _naive.Find(bucket)!.Retention.IsForever ? _naive.Count(bucket) : long.MaxValue);
        }

        public async Task ReadAsync(MeasurementSelection selection, SortOrder order, int limit)
        {
            MeasurementPosition? after = null;
            for (var pages = 0; pages < 20; pages++)
            {
                var query = new MeasurementQuery(selection, order, limit, after);
                var read = await _real.Store.ReadAsync(query, CancellationToken.None);
                if (!IsThere(selection.Filter.Bucket, read))
                    return;
                var (page, expected) = (read.Value, _naive.Read(query));
                Assert.Equal(expected.Items.Select(Text), page.Items.Select(Text));
                Assert.Equal(expected.HasMore, page.HasMore);
                if (!page.HasMore)
                    return;
                after = new MeasurementPosition(page.Items[^1].Timestamp, page.Items[^1].Key);
            }
        }

        public async Task AggregateAsync(MeasurementSelection selection, long length, AggregateFunction[] functions, int mostPoints)
        {
            var query = new AggregateQuery(selection, new WindowGrid(selection.Range, length), functions, mostPoints);
            var read = await _real.Store.AggregateAsync(query, CancellationToken.None);
            if (_naive.Find(selection.Filter.Bucket) is null)
            {
                Assert.Equal(ErrorCodes.BucketNotFound, read.Error?.Code);
                return;
            }

            var expected = _naive.Aggregate(selection, length);
            if (expected is null)
                Assert.Equal(ErrorCodes.AggregateNeedsNumbers, read.Error?.Code);
            else if (expected.Sum(series => series.Windows.Count) > mostPoints)
                Assert.Equal(ErrorCodes.ResultTooLarge, read.Error?.Code);
            else
                Assert.Empty(NaiveAggregates.Compare(expected, read.Value, functions));
        }

        public async Task StreamAsync(MeasurementSelection selection, SortOrder order, int block)
        {
            _real.Store.Streams.LargestBlock = block;
            var stream = await _real.Store.StreamAsync(new StreamQuery(selection, order, null, null, NeedsColumns: true), CancellationToken.None);
            if (!IsThere(selection.Filter.Bucket, stream))
                return;
            var read = new List<Measurement>();
            await foreach (var part in stream.Value.Parts)
                read.AddRange(part);
            var expected = _naive.Read(new MeasurementQuery(selection, order, int.MaxValue, null)).Items;
            Assert.Equal(expected.Select(Text), read.Select(Text));
            Assert.Empty(expected.SelectMany(item => item.Fields).Select(field => field.Name).Except(stream.Value.Columns.Fields));
            Assert.Empty(expected.SelectMany(item => item.Key.Tags).Select(tag => tag.Key).Except(stream.Value.Columns.Tags));
        }

        public async Task ReadLatestAsync(MeasurementFilter filter, long oldest, int limit)
        {
            MeasurementKey? after = null;
            while (true)
            {
                var query = new LatestQuery(filter, new Timestamp(oldest), limit, after);
                var read = await _real.Store.ReadLatestAsync(query, CancellationToken.None);
                if (!IsThere(filter.Bucket, read))
                    return;
                var (page, expected) = (read.Value, _naive.ReadLatest(query));
                Assert.Equal(expected.Items.Select(Text), page.Items.Select(Text));
                Assert.Equal(expected.HasMore, page.HasMore);
                if (!page.HasMore)
                    return;
                after = page.Items[^1].Key;
            }
        }

        public Task FlushAsync()
        {
            _real.Flush();
            return Task.CompletedTask;
        }

        public Task RestartAsync()
        {
            lock (_open)
                _real.Restart();
            return Task.CompletedTask;
        }

        public Task KillAsync()
        {
            lock (_open)
                _real.Kill();
            return Task.CompletedTask;
        }

        public void Dispose() => _real.Dispose();

        private bool IsThere<T>(BucketName bucket, Result<T> result)
        {
            var isThere = _naive.Find(bucket) is not null;
            Assert.Equal(isThere ? null : ErrorCodes.BucketNotFound, result.Error?.Code);
            return isThere;
        }

        private static string Text(Measurement item) =>
            $"{item.Timestamp.Nanoseconds} {item.Key}: {string.Join(", ", item.Fields.Select(field => $"{field.Name}={Text(field.Value)}"))}";

        private static string Text(LatestValues item) =>
            $"{item.Key}: {string.Join(", ", item.Fields.Select(field => $"{field.Name}={Text(field.Value)}@{field.Timestamp.Nanoseconds}"))}";

        private static string Text(FieldValue value) => $"{value.Type}:{value.Bits:X}:{value.Text}";
    }
}
