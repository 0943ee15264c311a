using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.SystemStatus;
using IotBackend.Domain.Access;
using IotBackend.Infrastructure.RateLimiting;
using IotBackend.UnitTests.KeyStore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.RateLimiting;

/// <summary>Where a tier comes from: the program, its configuration, what was changed while it ran.</summary>
public sealed class TiersTests : IAsyncLifetime
{
    private static readonly Tier Own = new("own", 5, 50, 10, 20);

    private readonly TestKeyStore _test = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ITierStore Store => _test.Get<ITierStore>();

    public async ValueTask InitializeAsync() => await _test.StartAsync();

    public ValueTask DisposeAsync()
    {
        _test.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void Built_in_tiers_are_as_the_contract_has_them()
    {
        using var tiers = TiersOf();
        Assert.Equal(
            [new Tier("premium", 1_000, 200_000, 60, 0), new Tier("standard", 100, 10_000, 60, 0), new Tier("unlimited", null, null, 60, 0)], tiers.List());
    }

    [Fact]
    public void Configuration_goes_before_what_is_built_in_member_by_member()
    {
        using var tiers = TiersOf(("standard:Requests", "7"), ("standard:Burst", "9"), ("own:Measurements", "50"), ("own:WindowSeconds", "2"));

        Assert.Equal(new Tier("standard", 7, 10_000, 60, 9), tiers.Find("standard"));
        Assert.Equal(new Tier("own", null, 50, 2, 0), tiers.Find("own"));
        Assert.Equal(Tier.Premium, tiers.Find("premium"));
    }

    [Theory]
    [InlineData("standard:Requests", "0", "Requests")]
    [InlineData("standard:Measurements", "1000000001", "Measurements")]
    [InlineData("standard:Burst", "-1", "Burst")]
    [InlineData("standard:WindowSeconds", "0", "WindowSeconds")]
    [InlineData("standard:WindowSeconds", "3601", "WindowSeconds")]
    [InlineData("Standard2:Requests", "1", "lower-case")]
    [InlineData("unlimited:Requests", "1", "can not be given limits")]
    [InlineData("own:Burst", "5", "Burst needs Measurements")]
    public void Wrong_configuration_is_told(string setting, string value, string told)
    {
        var failure = Assert.Throws<OptionsValidationException>(() => TiersOf((setting, value)));
        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
        Assert.Contains(setting.Split(':')[0], failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_stored_goes_before_all_and_stays_when_it_can_not_be_read()
    {
        await Store.SaveAsync(Own, null, Cancel);
        await Store.SaveAsync(Tier.Standard with { Requests = 3 }, null, Cancel);
        using var tiers = TiersOf(("standard:Requests", "7"));
        await tiers.RefreshAsync(Cancel);
        Assert.Equal((Own, 3L, 7L), (tiers.Find("own"), tiers.Find("standard")!.Requests, tiers.FindDefault("standard")!.Requests));

        _test.Run("ALTER TABLE tiers RENAME TO tiers_away");
        await tiers.RefreshAsync(Cancel);
        Assert.Equal((Own, true), (tiers.Find("own"), tiers.IsStale));
        Assert.Equal(HealthStatus.Degraded, (await HealthOf(tiers).CheckAsync(Cancel)).Status);

        _test.Run("ALTER TABLE tiers_away RENAME TO tiers");
        await tiers.RefreshAsync(Cancel);
        Assert.Equal(HealthStatus.Healthy, (await HealthOf(tiers).CheckAsync(Cancel)).Status);
    }

    [Fact]
    public async Task Change_of_another_node_is_seen_at_the_next_look_and_one_of_ones_own_at_once()
    {
        using var tiers = TiersOf();
        await tiers.RefreshAsync(Cancel);
        await Store.SaveAsync(Own, null, Cancel);
        Assert.Null(tiers.Find("own"));
        await tiers.RefreshAsync(Cancel);
        Assert.Equal(Own, tiers.Find("own"));

        await tiers.ReplaceAsync("standard", Tier.Standard with { Requests = 1 }, Cancel);
        Assert.Equal(1, tiers.Find("standard")!.Requests);
        await tiers.ReplaceAsync("standard", null, Cancel);
        Assert.Equal(Tier.Standard, tiers.Find("standard"));
    }

    [Fact]
    public async Task Tier_that_did_not_change_stays_the_same_object()
    {
        await Store.SaveAsync(Own, null, Cancel);
        using var tiers = TiersOf();
        await tiers.RefreshAsync(Cancel);
        var before = tiers.Find("own");
        await tiers.RefreshAsync(Cancel);
        Assert.Same(before, tiers.Find("own"));
    }

    [Fact]
    public async Task Of_two_changes_at_once_the_store_takes_one()
    {
        Assert.True(await Store.SaveAsync(Own, null, Cancel));
        Assert.False(await Store.SaveAsync(Own, null, Cancel));
        var read = await Store.FindAsync("own", Cancel);
        Assert.True(await Store.SaveAsync(Own with { Requests = null }, read, Cancel));
        Assert.False(await Store.SaveAsync(Own with { Requests = 2 }, read, Cancel));
        Assert.False(await Store.DeleteAsync(read!, Cancel));
        var now = (await Store.FindAsync("own", Cancel))!;
        Assert.Equal(Own with { Requests = null }, now.Tier);
        Assert.True(await Store.DeleteAsync(now, Cancel));
        Assert.Empty(await Store.ListAsync(Cancel));
    }

    private static RateLimiterHealth HealthOf(Tiers tiers) => new(tiers, new RateLimiter(tiers, TimeProvider.System));

    private Tiers TiersOf(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"RateLimits:Tiers:{setting.Name}", (string?)setting.Value)))
            .Build();
        using var provider = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddSingleton(Store).AddRateLimiting(configuration).BuildServiceProvider();
        return new Tiers(Store, provider.GetRequiredService<IOptions<RateLimitOptions>>());
    }
}
