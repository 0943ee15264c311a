using CsCheck;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using Xunit;
using static IotBackend.UnitTests.Infrastructure.Measurements.Spool.TestSpool;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Spool;

/// <summary>The spool beside a naive one: the same random actions, the same answers.</summary>
public sealed class SpoolModelTests
{
    private const long MaxBytes = 400;

    private static readonly Gen<BucketName> Bucket = Gen.OneOf(A, B);

    private static readonly Gen<BucketName[]> Buckets = Gen.OneOf<BucketName[]>([[], [A], [B], [A, B]]);

    private static readonly Gen<Func<Pair, Task>> Action = Gen.Frequency(
        (8, Gen.Select(Bucket, Gen.Int[0, 60], Gen.Int[1, 9])
            .Select<(BucketName, int, int), Func<Pair, Task>>(a => pair => pair.AppendAsync(a.Item1, a.Item2, a.Item3))),
        (4, Gen.Select(Bucket, Gen.Long[0, 300], Gen.Int[0, 15])
            .Select<(BucketName, long, int), Func<Pair, Task>>(a => pair => pair.DrainAsync(a.Item1, a.Item2, a.Item3))),
        (2, Gen.Select(Buckets, Gen.Int[-3, 5]).Select<(BucketName[], int), Func<Pair, Task>>(a => pair => pair.ReplayAsync(a.Item1, a.Item2))),
        (1, Gen.Int[0, 5].Select<int, Func<Pair, Task>>(at => pair => pair.DiscardAsync(at))),
        (1, Bucket.Select<BucketName, Func<Pair, Task>>(bucket => pair => pair.DropAsync(bucket))),
        (2, Gen.Select(Buckets, Gen.Int[1, 4]).Select<(BucketName[], int), Func<Pair, Task>>(a => pair => pair.ListAsync(a.Item1, a.Item2))),
        (1, Gen.Const<Func<Pair, Task>>(pair => pair.RestartAsync())),
        (1, Gen.Const<Func<Pair, Task>>(pair => pair.CrashAsync())));

    [Fact]
    public Task The_spool_answers_as_a_naive_one_whatever_happens_in_whatever_order() => Action.Array[1, 40].SampleAsync(
        async actions =>
        {
            using var pair = new Pair();
            foreach (var action in actions)
            {
                await action(pair);
                await pair.CompareAsync();
            }
        },
        iter: 100, threads: 2);

    private sealed class Pair : IDisposable
    {
        private readonly NaiveSpool _naive = new(MaxBytes);
        private TestSpool _real = new(MaxBytes);
        private int _appended;

        public async Task AppendAsync(BucketName bucket, int length, int measurements)
        {
            var item = new NaiveSpool.Item(bucket, $"{++_appended} {new string('x', length)}", measurements);
            Assert.Equal(_naive.Append(item), await _real.TryAppendAsync(bucket, item.Payload, measurements));
        }

        /// <summary>Completes what fits into so many bytes; the bits of the number tell which of it are refused.</summary>
        public async Task DrainAsync(BucketName bucket, long maxBytes, int refused)
        {
            var entries = await _real.PeekAsync(bucket, maxBytes);
            var items = _naive.Peek(bucket, maxBytes);
            Assert.Equal(items.Select(item => (item.Payload, item.Measurements)), entries.Select(entry => (Text(entry), entry.Measurements)));
            _naive.Complete(items, items.Where((_, at) => IsRefused(at)));
            await _real.CompleteAsync(entries, [.. entries.Where((_, at) => IsRefused(at)).Select(entry => Refusal(entry))]);

            bool IsRefused(int at) => (refused >> (at % 4) & 1) == 1;
        }

        /// <summary>Of those that are refused the one at this place, or all when there is no such place.</summary>
        public async Task ReplayAsync(BucketName[] buckets, int at)
        {
            var chosen = at >= 0 ? (await _real.RefusedAsync(buckets)).ElementAtOrDefault(at) : null;
            var place = at;
            var expected = _naive.Replay(item => MayUse(buckets, item) && (chosen is null || place-- == 0));
            Assert.Equal(expected, await _real.ReplayAsync(chosen?.Id, buckets));
        }

        public async Task DiscardAsync(int at)
        {
            if ((await _real.RefusedAsync()).ElementAtOrDefault(at) is not { } chosen)
                return;
            Assert.Equal(_naive.Refused[at].Measurements, await _real.DiscardAsync(chosen.Id));
            _naive.Discard(_naive.Refused[at]);
        }

        public async Task DropAsync(BucketName bucket) => Assert.Equal(_naive.Drop(bucket), await _real.Queue.DropAsync(bucket));

        public async Task ListAsync(BucketName[] buckets, int limit)
        {
            List<RefusedMeasurements> listed = [];
            while (true)
            {
                var page = Success(await _real.Queue.ListRefusedAsync(buckets, limit, listed.LastOrDefault()?.Id, CancellationToken.None));
                listed.AddRange(page.Items);
                if (!page.HasMore)
                    break;
                Assert.Equal(limit, page.Items.Count);
            }

            var expected = _naive.Refused.Where(item => MayUse(buckets, item));
            Assert.Equal(expected.Select(item => (item.Bucket, item.Payload, item.Measurements)), listed.Select(item => (item.Bucket, item.Sample, item.Measurements)));
        }

        public Task RestartAsync()
        {
            _real.Restart();
            return Task.CompletedTask;
        }

        public Task CrashAsync()
        {
            var crashed = _real.Crashed();
            _real.Dispose();
            _real = crashed;
            return Task.CompletedTask;
        }

        public async Task CompareAsync()
        {
            foreach (var bucket in new[] { A, B })
            {
                var waiting = _naive.Waiting.Where(item => item.Bucket == bucket).Select(item => item.Payload).ToArray();
                Assert.Equal(waiting, await _real.PayloadsAsync(bucket));
                Assert.Equal(waiting.Length, _real.Queue.WaitingIn(bucket));
                Assert.Equal(waiting.Length > 0, _real.Queue.WaitingBuckets.Contains(bucket));
            }

            var status = _real.Queue.Status;
            Assert.Equal(
                (_naive.Waiting.Count, _naive.Waiting.Sum(item => item.Measurements), _naive.Bytes, _naive.Refused.Count, _naive.Refused.Sum(item => item.Measurements)),
                (status.Entries, status.Measurements, status.Bytes, status.RefusedEntries, status.RefusedMeasurements));
            Assert.Equal(_naive.Waiting.Count == 0, status.OldestAt is null);
        }

        public void Dispose() => _real.Dispose();

        private static bool MayUse(BucketName[] buckets, NaiveSpool.Item item) => buckets.Length == 0 || buckets.Contains(item.Bucket);
    }
}
