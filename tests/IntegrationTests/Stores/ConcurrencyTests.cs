using IotBackend.Application.Measurements;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class ConcurrencyTests(StoreFixture fixture) : StoreTests(fixture)
{
    private const int Writers = 16;
    private const int Batches = 20;

    [Fact]
    public async Task Each_writer_reads_at_once_what_it_was_told_is_stored()
    {
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            for (var i = 0; i < Batches; i++)
            {
                var written = Some.Number($"d-{writer}", Some.Noon + i, i);
                await Bucket.WriteAsync(written);
                var page = await Bucket.ReadPageAsync(Bucket.Of($"d-{writer}"), SortOrder.Descending, limit: 1);
                Show.Equal([written], page.Items);
            }
        }));

        Assert.Equal(Writers * Batches, await Bucket.CountAsync());
    }

    [Fact]
    public async Task Batches_of_many_writers_are_all_there()
    {
        var batches = Enumerable.Range(0, Writers * Batches).Select(i => Some.Numbers($"d-{i}", 1 + (i % 30), step: 1).ToList()).ToList();

        await Task.WhenAll(batches.Select(batch => Bucket.WriteAsync(batch)));

        await Bucket.AssertHoldsAsync(batches.SelectMany(batch => batch));
    }

    [Fact]
    public async Task Faults_come_back_to_the_writer_whose_measurements_they_are()
    {
        await Bucket.WriteAsync(Some.Number("d", 0));

        await Task.WhenAll(Enumerable.Range(0, Writers * Batches).Select(async i =>
        {
            var batch = Enumerable.Range(0, 5).Select(n => Some.Key($"d-{i}").At(n, ("value", n == i % 7 ? "wrong" : n)));
            var faults = await Bucket.TryWriteAsync(batch);
            int[] expected = i % 7 < 5 ? [i % 7] : [];
            Assert.Equal(expected, faults.Select(fault => fault.Index!.Value));
        }));

        var wrong = Enumerable.Range(0, Writers * Batches).Count(i => i % 7 < 5);
        Assert.Equal((Writers * Batches * 5) - wrong + 1, await Bucket.CountAsync());
    }

    [Fact]
    public async Task Value_that_many_write_at_once_is_one_of_theirs_and_the_same_for_all_readers()
    {
        var key = Some.Key("d");
        for (var round = 0; round < Batches; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, Writers).Select(i => Bucket.WriteAsync(key.At(Some.Noon, ("a", i), ("b", i)))));

            var read = Assert.Single(await Bucket.ReadAsync());
            Assert.InRange(read.Fields[0].Value.Number, 0, Writers - 1);
            Assert.Equal(read.Fields[0].Value, read.Fields[1].Value);
            Assert.Equal(read.Fields[0].Value, Assert.Single(await Bucket.LatestAsync()).Fields[0].Value);
        }
    }

    [Fact]
    public async Task Writer_who_rewrites_in_turn_has_the_last_word_among_others()
    {
        var others = Enumerable.Range(0, Writers).Select(i => Task.Run(
            async () =>
            {
                for (var n = 0; n < Batches; n++)
                    await Bucket.WriteAsync(Some.Numbers($"other-{i}", 10));
            },
            Cancelled)).ToList();

        for (var n = 0; n < Batches; n++)
        {
            await Bucket.WriteAsync(Some.Number("own", Some.Noon, n));
            await Bucket.WriteAsync(Some.Number("own", Some.Noon, -n));
            Show.Equal([Some.Number("own", Some.Noon, -n)], await Bucket.ReadAsync(Bucket.Of("own")));
        }

        await Task.WhenAll(others);
        Show.Equal([Some.Number("own", Some.Noon, -(Batches - 1))], await Bucket.ReadAsync(Bucket.Of("own")));
    }

    [Fact]
    public async Task Buckets_are_apart_when_all_are_written_at_once()
    {
        var buckets = new List<TestBucket>();
        for (var i = 0; i < 8; i++)
            buckets.Add(await Fixture.NewBucketAsync());

        await Task.WhenAll(Enumerable.Range(0, 80).Select(i => buckets[i % 8].WriteAsync(Some.Numbers($"d-{i}", 10))));

        foreach (var (i, bucket) in buckets.Index())
            await bucket.AssertHoldsAsync(Enumerable.Range(0, 80).Where(n => n % 8 == i).SelectMany(n => Some.Numbers($"d-{n}", 10)));
    }
}
