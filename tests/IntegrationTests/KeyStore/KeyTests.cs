using System.Net;
using IotBackend.Application.ApiKeys;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Buckets;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

public abstract class KeyTests(KeyStoreFixture fixture) : KeyStoreTests(fixture)
{
    private IApiKeyStore Keys => Node.Keys;

    [Fact]
    public async Task Every_member_of_a_key_is_kept()
    {
        var key = SomeKeys.NewFull();
        Assert.Equal(ApiKeySaved.Done, await Keys.AddAsync(key, Cancelled));
        SomeKeys.AssertSame(key, await Keys.FindAsync(key.Id, Cancelled));
    }

    [Fact]
    public async Task Key_with_nothing_but_what_is_required_is_kept()
    {
        var key = SomeKeys.New();
        Assert.Equal(ApiKeySaved.Done, await Keys.AddAsync(key, Cancelled));
        SomeKeys.AssertSame(key, await Keys.FindAsync(key.Id, Cancelled));
    }

    [Fact]
    public async Task Times_with_an_offset_are_kept_as_the_same_instant_to_the_microsecond()
    {
        var instant = new DateTimeOffset(2026, 11, 23, 20, 44, 0, 123, 456, TimeSpan.FromHours(9));
        var key = SomeKeys.New() with { ExpiresAt = instant };
        await Keys.AddAsync(key, Cancelled);
        var read = (await Keys.FindAsync(key.Id, Cancelled))!.ExpiresAt!.Value;
        Assert.Equal((instant.UtcTicks, TimeSpan.Zero), (read.UtcTicks, read.Offset));
    }

    [Fact]
    public async Task Unknown_id_gives_nothing() => Assert.Null(await Keys.FindAsync("000000000000", Cancelled));

    [Fact]
    public async Task Ids_differ_by_case()
    {
        await Keys.AddAsync(SomeKeys.New() with { Id = "abcdefghijkl" }, Cancelled);
        Assert.Null(await Keys.FindAsync("ABCDEFGHIJKL", Cancelled));
    }

    [Fact]
    public async Task Second_key_of_the_same_id_is_a_conflict_and_changes_nothing()
    {
        var key = SomeKeys.New();
        await Keys.AddAsync(key, Cancelled);
        Assert.Equal(ApiKeySaved.Conflict, await Keys.AddAsync(key with { Name = "other" }, Cancelled));
        SomeKeys.AssertSame(key, await Keys.FindAsync(key.Id, Cancelled));
    }

    [Fact]
    public async Task Change_replaces_every_member_and_counts_the_version_up()
    {
        var before = SomeKeys.New();
        await Keys.AddAsync(before, Cancelled);
        var after = SomeKeys.NewFull() with { Id = before.Id, Version = 0, LastUsedAt = null, LastUsedFrom = null };
        Assert.Equal(ApiKeySaved.Done, await Keys.UpdateAsync(after, null, Cancelled));
        SomeKeys.AssertSame(after with { Version = 1 }, await Keys.FindAsync(before.Id, Cancelled));
        var bare = before with { Version = 1 };
        Assert.Equal(ApiKeySaved.Done, await Keys.UpdateAsync(bare, null, Cancelled));
        SomeKeys.AssertSame(bare with { Version = 2 }, await Keys.FindAsync(before.Id, Cancelled));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Change_of_another_version_is_a_conflict_and_changes_nothing(int version)
    {
        var key = SomeKeys.New();
        await Keys.AddAsync(key, Cancelled);
        Assert.Equal(ApiKeySaved.Done, await Keys.UpdateAsync(key with { Name = "one" }, null, Cancelled));
        Assert.Equal(ApiKeySaved.Conflict, await Keys.UpdateAsync(key with { Name = "two", Version = version }, null, Cancelled));
        SomeKeys.AssertSame(key with { Name = "one", Version = 1 }, await Keys.FindAsync(key.Id, Cancelled));
    }

    [Fact]
    public async Task Change_of_a_key_that_is_not_there_is_a_conflict()
    {
        var key = SomeKeys.New();
        Assert.Equal(ApiKeySaved.Conflict, await Keys.UpdateAsync(key, null, Cancelled));
        Assert.Null(await Keys.FindAsync(key.Id, Cancelled));
    }

    [Fact]
    public async Task Later_use_is_kept_and_changes_no_version()
    {
        var (key, other) = (SomeKeys.New(), SomeKeys.New());
        await Keys.AddAsync(key, Cancelled);
        await Keys.AddAsync(other, Cancelled);
        await Keys.SaveUsesAsync([new ApiKeyUse(key.Id, SomeKeys.Now, "192.0.2.1"), new ApiKeyUse("nosuchkey000", SomeKeys.Now, "192.0.2.9")], Cancelled);
        await Keys.SaveUsesAsync([new ApiKeyUse(key.Id, SomeKeys.Now.AddSeconds(-1), "192.0.2.2")], Cancelled);
        SomeKeys.AssertSame(key with { LastUsedAt = SomeKeys.Now, LastUsedFrom = "192.0.2.1" }, await Keys.FindAsync(key.Id, Cancelled));
        SomeKeys.AssertSame(other, await Keys.FindAsync(other.Id, Cancelled));
        await Keys.SaveUsesAsync([new ApiKeyUse(key.Id, SomeKeys.Now.AddSeconds(1), "2001:db8::1")], Cancelled);
        Assert.Equal("2001:db8::1", (await Keys.FindAsync(key.Id, Cancelled))!.LastUsedFrom);
    }

    [Fact]
    public async Task Change_by_somebody_who_read_the_key_before_its_last_use_leaves_the_use()
    {
        var key = SomeKeys.New();
        await Keys.AddAsync(key, Cancelled);
        await Keys.SaveUsesAsync([new ApiKeyUse(key.Id, SomeKeys.Now, "192.0.2.1")], Cancelled);
        Assert.Equal(ApiKeySaved.Done, await Keys.UpdateAsync(key with { Name = "changed" }, null, Cancelled));
        var read = await Keys.FindAsync(key.Id, Cancelled);
        Assert.Equal(("changed", SomeKeys.Now, "192.0.2.1"), (read!.Name, read.LastUsedAt, read.LastUsedFrom));
    }

    [Fact]
    public async Task Certificate_stands_for_one_key_until_that_gives_it_up()
    {
        var (a, b) = (SomeKeys.Certificate("a"), SomeKeys.Certificate("b"));
        var (first, second) = (SomeKeys.New() with { Certificates = [a] }, SomeKeys.New());
        await Keys.AddAsync(first, Cancelled);
        await Keys.AddAsync(second, Cancelled);
        Assert.Equal((first.Id, null), (await Keys.FindIdAsync(a, Cancelled), await Keys.FindIdAsync(b, Cancelled)));

        Assert.Equal(ApiKeySaved.CertificateTaken, await Keys.AddAsync(SomeKeys.New() with { Certificates = [b, a] }, Cancelled));
        Assert.Equal(ApiKeySaved.CertificateTaken, await Keys.UpdateAsync(second with { Name = "taken", Certificates = [a] }, null, Cancelled));
        Assert.Null(await Keys.FindIdAsync(b, Cancelled));
        SomeKeys.AssertSame(second, await Keys.FindAsync(second.Id, Cancelled));

        Assert.Equal(ApiKeySaved.Done, await Keys.UpdateAsync(first with { Certificates = [a, b] }, null, Cancelled));
        Assert.Equal((first.Id, first.Id), (await Keys.FindIdAsync(a, Cancelled), await Keys.FindIdAsync(b, Cancelled)));
        Assert.Equal(ApiKeySaved.Done, await Keys.UpdateAsync(first with { Certificates = [b], Version = 1 }, null, Cancelled));
        Assert.Equal(ApiKeySaved.Done, await Keys.UpdateAsync(second with { Certificates = [a] }, null, Cancelled));
        Assert.Equal((second.Id, first.Id), (await Keys.FindIdAsync(a, Cancelled), await Keys.FindIdAsync(b, Cancelled)));
    }

    public static TheoryData<string, bool> Admins => new()
    {
        { "plain", true },
        { "with another scope", true },
        { "of all devices by a star", true },
        { "of some networks", false },
        { "that expires later", true },
        { "that expires now", false },
        { "that has expired", false },
        { "that is revoked", false },
        { "without the scope", false },
        { "of one bucket", false },
        { "of some devices", false },
    };

    [Theory]
    [MemberData(nameof(Admins))]
    public async Task Admin_is_an_active_key_of_that_scope_without_limits(string kind, bool isAdmin)
    {
        Assert.False(await Keys.HasActiveAdminAsync(SomeKeys.Now, Cancelled));
        await Keys.AddAsync(Admin(kind), Cancelled);
        Assert.Equal(isAdmin, await Keys.HasActiveAdminAsync(SomeKeys.Now, Cancelled));
    }

    [Theory]
    [MemberData(nameof(Admins))]
    public async Task Last_admin_can_not_be_ended(string otherKind, bool isOtherAdmin)
    {
        var key = SomeKeys.NewAdmin();
        await Keys.AddAsync(key, Cancelled);
        await Keys.AddAsync(Admin(otherKind), Cancelled);
        var ended = key with { RevokedAt = SomeKeys.Now };
        Assert.Equal(isOtherAdmin ? ApiKeySaved.Done : ApiKeySaved.LastAdmin, await Keys.UpdateAsync(ended, SomeKeys.Now, Cancelled));
        SomeKeys.AssertSame(isOtherAdmin ? ended with { Version = 1 } : key, await Keys.FindAsync(key.Id, Cancelled));
    }

    [Fact]
    public async Task Keys_of_a_tier_are_counted_without_revoked_ones()
    {
        await Keys.AddAsync(SomeKeys.New() with { Tier = "gold" }, Cancelled);
        await Keys.AddAsync(SomeKeys.New() with { Tier = "gold", ExpiresAt = SomeKeys.Now }, Cancelled);
        await Keys.AddAsync(SomeKeys.New() with { Tier = "gold", RevokedAt = SomeKeys.Now }, Cancelled);
        Assert.Equal((2, 0), (await Keys.CountInTierAsync("gold", Cancelled), await Keys.CountInTierAsync("GOLD", Cancelled)));
    }

    private static ApiKey Admin(string kind)
    {
        var key = SomeKeys.NewAdmin();
        return kind switch
        {
            "plain" => key,
            "with another scope" => key with { Scopes = Scopes.MetricsRead | Scopes.Admin },
            "of all devices by a star" => key with { Devices = [DevicePattern.Parse("greenhouse-*"), DevicePattern.Parse("*")] },
            "of some networks" => key with { Networks = [IPNetwork.Parse("10.0.0.0/8")] },
            "that expires later" => key with { ExpiresAt = SomeKeys.Now.AddMilliseconds(1) },
            "that expires now" => key with { ExpiresAt = SomeKeys.Now },
            "that has expired" => key with { ExpiresAt = SomeKeys.Now.AddMilliseconds(-1) },
            "that is revoked" => key with { RevokedAt = SomeKeys.Now },
            "without the scope" => key with { Scopes = Scopes.CacheManage | Scopes.MeasurementsDelete },
            "of one bucket" => key with { Buckets = [BucketName.Default] },
            "of some devices" => key with { Devices = [DevicePattern.Parse("greenhouse-*")] },
            _ => throw new ArgumentException("No kind of admin.", nameof(kind)),
        };
    }
}
