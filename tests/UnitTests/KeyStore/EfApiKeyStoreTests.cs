using System.Net;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.SystemStatus;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Buckets;
using IotBackend.UnitTests.ApiKeys;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace IotBackend.UnitTests.KeyStore;

public sealed class EfApiKeyStoreTests : IAsyncLifetime
{
    private readonly TestKeyStore _test = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _test.StartAsync();

    public ValueTask DisposeAsync()
    {
        _test.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Every_member_of_a_key_is_kept()
    {
        var key = Full(TestKeys.NewToken());
        await _test.Store.AddAsync(key, Cancellation);
        var read = await _test.Store.FindAsync(key.Id, Cancellation);
        AssertSame(key, read);
        var unset = typeof(ApiKey).GetProperties().Where(member => IsUnset(member.GetValue(key))).Select(member => member.Name);
        Assert.Empty(unset);
    }

    [Fact]
    public async Task Key_with_nothing_but_what_is_required_is_kept()
    {
        var key = TestKeys.KeyOf(TestKeys.NewToken());
        await _test.Store.AddAsync(key, Cancellation);
        AssertSame(key, await _test.Store.FindAsync(key.Id, Cancellation));
    }

    [Fact]
    public async Task Times_with_an_offset_are_kept_as_the_same_instant()
    {
        var instant = new DateTimeOffset(2026, 11, 23, 20, 44, 0, 123, TimeSpan.FromHours(9)).AddTicks(4567);
        var key = TestKeys.KeyOf(TestKeys.NewToken()) with { ExpiresAt = instant };
        await _test.Store.AddAsync(key, Cancellation);
        var read = (await _test.Store.FindAsync(key.Id, Cancellation))!.ExpiresAt!.Value;
        Assert.Equal((instant.UtcTicks, TimeSpan.Zero), (read.UtcTicks, read.Offset));
    }

    [Fact]
    public async Task Keys_outlive_the_process()
    {
        var key = Full(TestKeys.NewToken());
        await _test.Store.AddAsync(key, Cancellation);
        _test.Close();
        using var next = new TestKeyStore(folder: _test.Folder);
        await next.StartAsync();
        AssertSame(key, await next.Store.FindAsync(key.Id, Cancellation));
    }

    [Fact]
    public async Task Unknown_id_gives_nothing() => Assert.Null(await _test.Store.FindAsync("000000000000", Cancellation));

    [Fact]
    public async Task Ids_differ_by_case()
    {
        var key = TestKeys.KeyOf(TestKeys.NewToken()) with { Id = "abcdefghijkl" };
        await _test.Store.AddAsync(key, Cancellation);
        Assert.Null(await _test.Store.FindAsync("ABCDEFGHIJKL", Cancellation));
    }

    [Fact]
    public async Task Second_key_of_the_same_id_is_a_conflict_and_no_outage()
    {
        var key = TestKeys.KeyOf(TestKeys.NewToken());
        await _test.Store.AddAsync(key, Cancellation);
        Assert.Equal(ApiKeySaved.Conflict, await _test.Store.AddAsync(key, Cancellation));
    }

    [Theory]
    [InlineData(Scopes.Admin, null, null, true)]
    [InlineData(Scopes.Admin | Scopes.MetricsRead, null, null, true)]
    [InlineData(Scopes.Admin, 1, null, true)]
    [InlineData(Scopes.Admin, 0, null, false)]
    [InlineData(Scopes.Admin, -1, null, false)]
    [InlineData(Scopes.Admin, null, -1, false)]
    [InlineData(Scopes.MeasurementsWrite | Scopes.CacheManage, null, null, false)]
    public async Task Active_admin_is_a_key_with_its_scope_that_is_neither_expired_nor_revoked(
        Scopes scopes, int? expiresInTicks, int? revokedInTicks, bool expected)
    {
        Assert.False(await _test.Store.HasActiveAdminAsync(TestKeys.Now, Cancellation));
        await _test.Store.AddAsync(
            TestKeys.KeyOf(TestKeys.NewToken()) with
            {
                Scopes = scopes,
                ExpiresAt = expiresInTicks is { } expires ? TestKeys.Now.AddTicks(expires) : null,
                RevokedAt = revokedInTicks is { } revoked ? TestKeys.Now.AddTicks(revoked) : null,
            },
            Cancellation);
        Assert.Equal(expected, await _test.Store.HasActiveAdminAsync(TestKeys.Now, Cancellation));
    }

    [Fact]
    public async Task Each_change_counts_up_the_version_and_the_second_of_two_at_once_is_refused()
    {
        var key = TestKeys.KeyOf(TestKeys.NewToken());
        await _test.Store.AddAsync(key, Cancellation);
        await using var first = await _test.ContextAsync();
        await using var second = await _test.ContextAsync();
        (await first.ApiKeys.SingleAsync(Cancellation)).Name = "first";
        (await second.ApiKeys.SingleAsync(Cancellation)).Name = "second";
        await first.SaveChangesAsync(Cancellation);
        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => second.SaveChangesAsync(Cancellation));
        var read = await _test.Store.FindAsync(key.Id, Cancellation);
        Assert.Equal(("first", 1), (read!.Name, read.Version));
    }

    [Fact]
    public async Task Outage_is_told_as_one()
    {
        _test.Run("DROP TABLE api_keys");
        var key = TestKeys.KeyOf(TestKeys.NewToken());
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => _test.Store.FindAsync(key.Id, Cancellation));
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => _test.Store.AddAsync(key, Cancellation));
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => _test.Store.HasActiveAdminAsync(TestKeys.Now, Cancellation));
    }

    [Fact]
    public async Task Health_tells_how_the_store_is()
    {
        Assert.Equal("keyStore", _test.Health.Name);
        var healthy = await _test.Health.CheckAsync(Cancellation);
        Assert.Equal((HealthStatus.Healthy, null), (healthy.Status, healthy.Message));
        Assert.NotNull(healthy.LatencyMs);
        _test.Run("DROP TABLE api_keys");
        var down = await _test.Health.CheckAsync(Cancellation);
        Assert.Equal(HealthStatus.Degraded, down.Status);
        Assert.DoesNotContain("api_keys", down.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_test.Folder, down.Message, StringComparison.Ordinal);
    }

    private static ApiKey Full(string token) => TestKeys.KeyOf(token) with
    {
        Name = "Gewächshaus 12 \"Süd\"",
        Notes = "line one\nline two, with 🌱",
        Scopes = Enum.GetValues<Scopes>().Aggregate((all, scope) => all | scope),
        Buckets = [Bucket("default"), Bucket("greenhouse: \u00e9t\u00e9 / south")],
        Devices = [DevicePattern.Parse("greenhouse-*"), DevicePattern.Parse("exact")],
        Networks = [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("2001:db8::/32")],
        Certificates = [CertificateFingerprint.Of("certificate"u8)],
        PreviousSecretHash = TestKeys.HashOf(TestKeys.NewToken()),
        PreviousSecretUntil = TestKeys.Now.AddTicks(1),
        ExpiresAt = TestKeys.Now.AddYears(1),
        RevokedAt = TestKeys.Now.AddTicks(-1),
        LastUsedAt = TestKeys.Now,
        LastUsedFrom = "2001:db8::1",
        Version = 7,
    };

    private static BucketName Bucket(string name) => BucketName.TryParse(name, out _) ?? throw new ArgumentException("Not a bucket.", nameof(name));

    private static bool IsUnset(object? value) => value is null or "" or 0 or System.Collections.ICollection { Count: 0 };

    // A record compares its lists and memories by reference.
    private static void AssertSame(ApiKey expected, ApiKey? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Buckets, actual.Buckets);
        Assert.Equal(expected.Devices, actual.Devices);
        Assert.Equal(expected.Networks, actual.Networks);
        Assert.Equal(expected.Certificates, actual.Certificates);
        Assert.Equal(expected.SecretHash.ToArray(), actual.SecretHash.ToArray());
        Assert.Equal(expected.PreviousSecretHash?.ToArray(), actual.PreviousSecretHash?.ToArray());
        Assert.Equal(expected, actual with
        {
            Buckets = expected.Buckets,
            Devices = expected.Devices,
            Networks = expected.Networks,
            Certificates = expected.Certificates,
            SecretHash = expected.SecretHash,
            PreviousSecretHash = expected.PreviousSecretHash,
        });
    }
}
