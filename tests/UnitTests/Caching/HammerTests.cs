using System.Collections.Concurrent;
using System.Globalization;
using IotBackend.Application.Caching;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.UnitTests.Buckets;
using Xunit;
using static IotBackend.UnitTests.Caching.TestAnswers;

namespace IotBackend.UnitTests.Caching;

/// <summary>Many clients write and read at once, and none may read less than was acknowledged before it asked.</summary>
public sealed class HammerTests
{
    private const int Clients = 16;
    private const int Rounds = 3_000;
    private const int Devices = 4;

    private readonly ConcurrentDictionary<string, int> _stored = new();
    private readonly ConcurrentDictionary<string, int> _acknowledged = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, 20_000)]
    [InlineData(true, 20_000)]
    [InlineData(true, 8)]
    public async Task Who_was_told_stored_reads_it_at_once(bool isLate, int maxInterests)
    {
        using var test = new CacheUnderTest();
        var generations = new AnswerGenerations(maxInterests);
        using var invalidation = new AnswerInvalidation(generations, test.Messages, test.Warming, Settings, test.Time);
        var bucket = TestBuckets.Name("b");
        var now = Timestamp.From(test.Time.GetUtcNow()).Nanoseconds;
        var (at, range) = isLate
            ? (now - (4 * Day), new TimeRange(new Timestamp(now - (5 * Day)), new Timestamp(now - (3 * Day))))
            : (now, new TimeRange(new Timestamp(now - Day), new Timestamp(now + Day)));
        var stale = 0;

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var random = new Random(client);
            for (var round = 0; round < Rounds; round++)
            {
                var device = $"d{random.Next(Devices)}";
                if (random.Next(3) == 0)
                {
                    // Whoever wants more than the table holds makes it forget the others.
                    generations.Watch(Declare(bucket, range, $"x{random.Next(100)}"), isLate);
                    var count = _stored.AddOrUpdate(device, 1, (_, count) => count + 1);
                    using var batch = Batch((device, at));
                    await invalidation.StoredAsync(bucket, batch);
                    _acknowledged.AddOrUpdate(device, count, (_, before) => Math.Max(before, count));
                }

                var acknowledged = _acknowledged.GetValueOrDefault(device);
                var query = random.Next(2) == 0 ? Declare(bucket, range, device) : Declare(bucket, range, device, "other");
                if (await ReadAsync(test.Cache, generations, query, device, isLate) < acknowledged)
                    Interlocked.Increment(ref stale);
            }
        })));

        Assert.Equal(0, stale);
        Assert.True(test.Cache.Figures.Hits > 0, "Nothing came from the cache.");
    }

    private async Task<int> ReadAsync(AnswerCache cache, AnswerGenerations generations, AnswerDeclaration query, string device, bool isLate)
    {
        var generation = generations.Watch(query, isLate);
        var served = cache.Find(query.Key, generation, out _)
            ?? (await cache.MakeAsync(query.Key, generation, _ => ReadStoreAsync(device, isLate), Cancellation)).Value;
        return int.Parse(TextOf(served), CultureInfo.InvariantCulture);
    }

    private async Task<Result<ServedAnswer>> ReadStoreAsync(string device, bool isLasting)
    {
        var count = _stored.GetValueOrDefault(device);
        await Task.Yield();
        return ServedAnswer.Fresh(Answer(count.ToString(CultureInfo.InvariantCulture)), isLasting);
    }
}
