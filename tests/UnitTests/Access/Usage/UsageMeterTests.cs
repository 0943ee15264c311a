using IotBackend.Application.Access.Usage;
using IotBackend.Application.ApiKeys;
using IotBackend.UnitTests.KeyStore;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Access.Usage;

/// <summary>The meter with the real store on SQLite behind it.</summary>
public sealed class UsageMeterTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly UsageCounts One = new(1, 10, 500, 0);

    private readonly FakeTimeProvider _time = new(Noon.AddMinutes(30));
    private readonly TestKeyStore _test;
    private readonly UsageMeter _meter;

    public UsageMeterTests()
    {
        _test = new TestKeyStore(_time);
        _meter = new UsageMeter(_test.Get<IUsageStore>(), _time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _test.StartAsync();

    public ValueTask DisposeAsync()
    {
        _meter.Dispose();
        _test.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_is_not_stored_yet_is_told_too()
    {
        _meter.Add("a", One);
        await _meter.FlushAsync(Cancel);
        _meter.Add("a", One);
        _meter.Add("b", One);

        Assert.Equal([(Noon, One + One)], await ReadAsync(_meter, "a", UsagePeriod.Hour));
        Assert.Equal([(Noon.AddHours(-12), One + One)], await ReadAsync(_meter, "a", UsagePeriod.Day));
        Assert.Equal([(Noon, One)], await ReadAsync(_meter, "b", UsagePeriod.Hour));
    }

    [Fact]
    public async Task Hours_and_days_are_kept_apart_and_told_newest_first()
    {
        _meter.Add("a", One);
        _time.Advance(TimeSpan.FromHours(1));
        _meter.Add("a", One);
        await _meter.FlushAsync(Cancel);
        _time.Advance(TimeSpan.FromHours(12));
        _meter.Add("a", One);

        Assert.Equal([(Noon.AddHours(13), One), (Noon.AddHours(1), One), (Noon, One)], await ReadAsync(_meter, "a", UsagePeriod.Hour));
        Assert.Equal([(Noon.AddHours(12), One), (Noon.AddHours(-12), One + One)], await ReadAsync(_meter, "a", UsagePeriod.Day));
        Assert.Equal(
            [Noon.AddHours(1)],
            (await _meter.ReadAsync("a", UsagePeriod.Hour, Noon.AddHours(1), Noon.AddHours(13), Cancel)).Select(usage => usage.Period.From));
    }

    [Fact]
    public async Task Several_nodes_add_to_the_same_hour()
    {
        using var other = new UsageMeter(_test.Get<IUsageStore>(), _time);
        for (var i = 0; i < 5; i++)
        {
            _meter.Add("a", One);
            other.Add("a", One);
            await Task.WhenAll(_meter.FlushAsync(Cancel), other.FlushAsync(Cancel));
        }

        Assert.Equal([(Noon, new UsageCounts(10, 100, 5_000, 0))], await ReadAsync(other, "a", UsagePeriod.Hour));
    }

    [Fact]
    public async Task What_could_not_be_stored_is_stored_later_and_once()
    {
        _test.Run("ALTER TABLE usage RENAME TO usage_away");
        _meter.Add("a", One);
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => _meter.FlushAsync(Cancel));
        _meter.Add("a", One);
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => _meter.FlushAsync(Cancel));
        _test.Run("ALTER TABLE usage_away RENAME TO usage");

        await _meter.FlushAsync(Cancel);
        await _meter.FlushAsync(Cancel);

        using var other = new UsageMeter(_test.Get<IUsageStore>(), _time);
        Assert.Equal([(Noon, One + One)], await ReadAsync(other, "a", UsagePeriod.Hour));
    }

    [Fact]
    public async Task Batch_that_fails_in_the_middle_counts_nothing()
    {
        // The 150th key stands in the second statement of the transaction.
        for (var i = 0; i < 200; i++)
            _meter.Add($"key-{i:D3}", One);
        _test.Run("CREATE TRIGGER refuse BEFORE INSERT ON usage WHEN NEW.KeyId = 'key-150' BEGIN SELECT RAISE(FAIL, 'disk full'); END");
        await Assert.ThrowsAnyAsync<Exception>(() => _meter.FlushAsync(Cancel));
        _test.Run("DROP TRIGGER refuse");
        await _meter.FlushAsync(Cancel);

        using var other = new UsageMeter(_test.Get<IUsageStore>(), _time);
        foreach (var key in new[] { "key-000", "key-150", "key-199" })
            Assert.Equal([(Noon, One)], await ReadAsync(other, key, UsagePeriod.Hour));
    }

    [Fact]
    public async Task Nothing_is_lost_between_counting_and_collecting()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var flushing = Task.Run(
            async () =>
            {
                while (!end.IsCancellationRequested)
                    await _meter.FlushAsync(Cancel);
            },
            Cancel);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
                _meter.Add(i % 2 == 0 ? "a" : "b", new UsageCounts(1, 0, 0, i % 4 == 0 ? 1 : 0));
        })));
        await end.CancelAsync();
        await flushing;

        Assert.Equal([(Noon, new UsageCounts(40_000, 0, 0, 20_000))], await ReadAsync(_meter, "a", UsagePeriod.Hour));
        Assert.Equal([(Noon, new UsageCounts(40_000, 0, 0, 0))], await ReadAsync(_meter, "b", UsagePeriod.Hour));
    }

    [Fact]
    public async Task Old_periods_are_forgotten_by_their_length()
    {
        _meter.Add("a", One);
        await _meter.FlushAsync(Cancel);

        await _test.Get<IUsageStore>().DeleteBeforeAsync(UsagePeriod.Hour, Noon, Cancel);
        Assert.Single(await ReadAsync(_meter, "a", UsagePeriod.Hour));
        await _test.Get<IUsageStore>().DeleteBeforeAsync(UsagePeriod.Hour, Noon.AddTicks(1), Cancel);
        Assert.Empty(await ReadAsync(_meter, "a", UsagePeriod.Hour));
        Assert.Single(await ReadAsync(_meter, "a", UsagePeriod.Day));
    }

    private static async Task<IEnumerable<(DateTimeOffset From, UsageCounts Counts)>> ReadAsync(UsageMeter meter, string key, int hours) =>
        (await meter.ReadAsync(key, hours, Noon.AddDays(-5), Noon.AddDays(5), Cancel)).Select(usage => (usage.Period.From, usage.Counts));
}
