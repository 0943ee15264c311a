using System.Collections.Concurrent;
using System.Globalization;
using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.Spool;
using Xunit;
using static IotBackend.UnitTests.Infrastructure.Measurements.Spool.TestSpool;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Spool;

/// <summary>Many at once: shared commits, and nothing lost, doubled or out of order.</summary>
public sealed class SpoolConcurrencyTests
{
    private const int Producers = 8;
    private const int EntriesOfEach = 2_000;

    [Fact]
    public async Task Appends_that_wait_share_one_commit()
    {
        using var spool = new TestSpool();
        using var goOn = new ManualResetEventSlim();
        var isHeld = new TaskCompletionSource();
        spool.Queue.Arrived = _ =>
        {
            isHeld.TrySetResult();
            goOn.Wait(TestContext.Current.CancellationToken);
        };
        var holding = spool.TryAppendAsync(A, "holds the thread that writes");
        await isHeld.Task;
        var before = spool.Queue.File.Transactions;
        var appends = Enumerable.Range(0, 1_000).Select(i => spool.TryAppendAsync(i % 2 == 0 ? A : B, $"{i}")).ToList();

        goOn.Set();
        Assert.All(await Task.WhenAll([holding, .. appends]), answer => Assert.Equal(SpoolAppend.Stored, answer));

        Assert.Equal(1, spool.Queue.File.Transactions - before);
    }

    [Fact]
    public async Task Everything_is_drained_once_and_in_order_while_it_arrives_is_refused_and_replayed()
    {
        using var spool = new TestSpool();
        var drains = new[] { A, B }.ToDictionary(bucket => bucket, _ => new Drain());
        using var ended = new CancellationTokenSource();
        var draining = drains.Select(drain => Task.Run(() => DrainAsync(spool, drain.Key, drain.Value, ended.Token))).ToList();
        var replaying = Task.Run(() => ReplayAsync(spool, ended.Token), CancellationToken.None);

        await Task.WhenAll(Enumerable.Range(0, Producers).Select(producer => Task.Run(() => ProduceAsync(spool, producer))));
        while (drains.Values.Sum(drain => drain.Done.Count) < Producers * EntriesOfEach && !draining.Any(task => task.IsFaulted))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        await ended.CancelAsync();
        await Task.WhenAll([replaying, .. draining]);

        Assert.All(drains.Values, drain => Assert.Equal(EntriesOfEach * Producers / 2, drain.Done.Count));
        Assert.All(drains.Values.SelectMany(drain => drain.Done.Values), times => Assert.Equal(1, times));
        Assert.Equal((0, 0), (spool.Queue.WaitingIn(A), spool.Queue.WaitingIn(B)));
        Assert.Equal(new(0, 0, 0, 1 << 30, null, 0, 0), spool.Queue.Status);
    }

    private static async Task ProduceAsync(TestSpool spool, int producer)
    {
        // Some wait for each answer, others send ten at a time.
        for (var i = 0; i < EntriesOfEach; i += 10)
        {
            var ten = Enumerable.Range(i, 10).Select(sequence => spool.AppendAsync(producer % 2 == 0 ? A : B, $"{producer} {sequence}"));
            if (producer < Producers / 2)
            {
                await Task.WhenAll(ten.ToList());
                continue;
            }

            foreach (var append in ten)
                await append;
        }
    }

    private static async Task DrainAsync(TestSpool spool, BucketName bucket, Drain drain, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            var entries = await spool.Queue.PeekAsync(bucket, 300, CancellationToken.None);
            var refused = entries.Where(entry => !drain.Take(Text(entry))).ToList();
            Assert.True(await spool.Queue.CompleteAsync(entries, [.. refused.Select(entry => Refusal(entry))]));
            if (entries.Count == 0)
                await Task.Yield();
        }
    }

    private static async Task ReplayAsync(TestSpool spool, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            if (await spool.ReplayAsync(null) == 0)
                await Task.Yield();
        }
    }

    private sealed class Drain
    {
        private readonly int[] _next = new int[Producers];

        public ConcurrentDictionary<string, int> Done { get; } = new(StringComparer.Ordinal);

        /// <summary>False for what is refused: each 37th, when it comes for the first time, which must be in its order.</summary>
        public bool Take(string payload)
        {
            var parts = payload.Split(' ').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
            var isNew = parts[1] >= _next[parts[0]];
            if (isNew)
                Assert.Equal(_next[parts[0]]++, parts[1]);
            if (isNew && parts[1] % 37 == 0)
                return false;
            Done.AddOrUpdate(payload, 1, (_, times) => times + 1);
            return true;
        }
    }
}
