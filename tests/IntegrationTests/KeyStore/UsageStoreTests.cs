using System.Data.Common;
using IotBackend.Application.Access.Usage;
using IotBackend.Application.ApiKeys;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

public abstract class UsageStoreTests(KeyStoreFixture fixture) : KeyStoreTests(fixture)
{
    private const string Key = "0123456789AB";

    // More than go into two statements.
    private const int Many = 250;

    private static readonly DateTimeOffset Start = UsagePeriod.Of(UsagePeriod.Day, SomeKeys.Now).From;

    private IUsageStore Usage => Node.Usage;

    [Fact]
    public async Task Counts_of_a_key_in_a_period_are_added_up()
    {
        var (hour, large) = (At(Key, 5), new UsageCounts(1, 10_000_000_000, long.MaxValue - 10, 4));
        await Usage.AddAsync([hour with { Counts = large }], Cancelled);
        await Usage.AddAsync([hour with { Counts = new UsageCounts(1, 2, 10, 0) }], Cancelled);
        Assert.Equal([hour with { Counts = new UsageCounts(2, 10_000_000_002, long.MaxValue, 4) }], await HoursAsync(Key));
    }

    [Fact]
    public async Task Keys_and_lengths_of_periods_are_counted_apart()
    {
        KeyUsage[] all = [At(Key, 0), At(Key, 0, UsagePeriod.Day), At("0123456789ab", 0), At(Key, 1)];
        await Usage.AddAsync(all, Cancelled);
        await Usage.AddAsync([], Cancelled);
        Assert.Equal([all[0], all[3]], await HoursAsync(Key));
        Assert.Equal([all[2]], await HoursAsync("0123456789ab"));
        Assert.Equal([all[1]], await Usage.ReadAsync(Key, UsagePeriod.Day, Start, Start.AddDays(1), Cancelled));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 2)]
    [InlineData(0, 3)]
    [InlineData(2, 5)]
    [InlineData(9, 99)]
    [InlineData(10, 99)]
    public async Task Range_holds_its_begin_and_not_its_end(int from, int to)
    {
        await Usage.AddAsync([.. Enumerable.Range(0, 10).Select(hour => At(Key, hour))], Cancelled);
        var expected = Enumerable.Range(0, 10).Where(hour => hour >= from && hour < to).Select(hour => At(Key, hour));

        // The same instants as others write them.
        var zone = TimeSpan.FromHours(-9.5);
        Assert.Equal(expected, Ordered(await Usage.ReadAsync(Key, UsagePeriod.Hour, Start.AddHours(from).ToOffset(zone), Start.AddHours(to).ToOffset(zone), Cancelled)));
    }

    [Fact]
    public async Task Clean_up_takes_what_began_before_of_one_length_only()
    {
        await Usage.AddAsync([.. Enumerable.Range(0, 6).Select(hour => At(Key, hour)), At(Key, 0, UsagePeriod.Day), At("other", 2), At("other", 3)], Cancelled);
        await Usage.DeleteBeforeAsync(UsagePeriod.Hour, Start.AddHours(3), Cancelled);
        Assert.Equal([At(Key, 3), At(Key, 4), At(Key, 5)], await HoursAsync(Key));
        Assert.Equal([At("other", 3)], await HoursAsync("other"));
        Assert.Single(await Usage.ReadAsync(Key, UsagePeriod.Day, Start, Start.AddDays(1), Cancelled));
        await Usage.DeleteBeforeAsync(UsagePeriod.Day, Start.AddTicks(10), Cancelled);
        Assert.Empty(await Usage.ReadAsync(Key, UsagePeriod.Day, Start, Start.AddDays(1), Cancelled));
    }

    [Fact]
    public async Task Nodes_that_count_the_same_periods_at_once_lose_nothing()
    {
        var other = NewNode();
        var all = Enumerable.Range(0, Many).Select(i => At($"key{i:000}", i % 24)).ToList();
        await Together(8, i => (i % 2 == 0 ? Node : other).Usage.AddAsync(Shuffled(all), Cancelled));
        foreach (var usage in all)
        {
            var read = Assert.Single(await HoursAsync(usage.KeyId));
            Assert.Equal(usage with { Counts = new UsageCounts(8, 16, 24, 32) }, read);
        }
    }

    [Fact]
    public async Task Batch_that_fails_in_the_middle_leaves_nothing_and_counts_once_when_it_is_tried_again()
    {
        await Usage.AddAsync([At("key000", 0)], Cancelled);
        KeyUsage[] all = [.. Enumerable.Range(0, Many).Select(i => At($"key{i:000}", 0) with { Counts = new UsageCounts(1, 2, i >= Many - 2 ? 777 : 3, 4) })];

        // The last two rows can not both be stored now; two statements have gone by then.
        await Database.ExecuteAsync("CREATE UNIQUE INDEX obstacle ON \"usage\" (\"Bytes\") WHERE \"Bytes\" = 777");
        await Assert.ThrowsAnyAsync<DbException>(() => Usage.AddAsync(all, Cancelled));
        Assert.Equal([At("key000", 0)], await HoursAsync("key000"));
        Assert.Equal(["1"], await Database.ReadAsync("SELECT count(*) FROM \"usage\""));

        await Database.ExecuteAsync("DROP INDEX obstacle");
        await Usage.AddAsync(all, Cancelled);
        Assert.Equal([At("key000", 0) with { Counts = new UsageCounts(2, 4, 6, 8) }], await HoursAsync("key000"));
        Assert.Equal([$"{Many + 1}"], await Database.ReadAsync("SELECT sum(\"Requests\") FROM \"usage\""));
    }

    [Fact]
    public async Task What_was_counted_in_an_outage_is_stored_once_afterwards()
    {
        var time = new FakeTimeProvider(SomeKeys.Now);
        using var meter = new UsageMeter(Usage, time);
        meter.Add(Key, new UsageCounts(1, 2, 3, 4));
        await meter.FlushAsync(Cancelled);
        meter.Add(Key, new UsageCounts(1, 2, 3, 4));
        await Database.ExecuteAsync("ALTER TABLE \"usage\" RENAME TO away");
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => meter.FlushAsync(Cancelled));
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => HoursAsync(Key));
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Usage.DeleteBeforeAsync(UsagePeriod.Hour, Start, Cancelled));
        await Database.ExecuteAsync("ALTER TABLE away RENAME TO \"usage\"");
        await meter.FlushAsync(Cancelled);
        await meter.FlushAsync(Cancelled);
        Assert.Equal(new UsageCounts(2, 4, 6, 8), Assert.Single(await HoursAsync(Key)).Counts);
    }

    private static KeyUsage At(string key, int hour, int hours = UsagePeriod.Hour) =>
        new(key, UsagePeriod.Of(hours, Start.AddHours(hour)), new UsageCounts(1, 2, 3, 4));

    private static IEnumerable<KeyUsage> Ordered(IEnumerable<KeyUsage> usages) => usages.OrderBy(usage => usage.Period.From);

    private async Task<IEnumerable<KeyUsage>> HoursAsync(string key) =>
        Ordered(await Usage.ReadAsync(key, UsagePeriod.Hour, Start, Start.AddDays(1), Cancelled));
}
