using System.Net;
using IotBackend.Application.Access;
using IotBackend.Application.ApiKeys;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;
using IotBackend.UnitTests.ApiKeys;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using NSubstitute.ExceptionExtensions;
using Xunit;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.UnitTests.Access;

public sealed class CertificateAuthenticationTests : IDisposable
{
    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.7");
    private static readonly KeyStoreUnavailableException Outage = new("The key store does not answer.", new TimeoutException());
    private static readonly CertificateFingerprint Certificate = CertificateFingerprint.Of("a certificate"u8);

    private readonly ApiKey _key = TestKeys.KeyOf(TestKeys.NewToken()) with { Certificates = [Certificate] };
    private readonly FakeTimeProvider _time = new(TestKeys.Now);
    private readonly IApiKeyStore _store = Substitute.For<IApiKeyStore>();
    private readonly FusionCache _cache = new(new FusionCacheOptions());
    private readonly KnownApiKeys _known;
    private readonly ApiKeyAuthenticator _authenticator;

    public CertificateAuthenticationTests()
    {
        var caching = new ApiKeyCaching(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(600));
        _known = new KnownApiKeys(_cache, caching, _time);
        _authenticator = new ApiKeyAuthenticator(_store, _cache, _known, caching, _time);
        _store.FindIdAsync(Arg.Any<CertificateFingerprint>(), Arg.Any<CancellationToken>()).Returns((string?)null);
    }

    public void Dispose() => _cache.Dispose();

    [Fact]
    public async Task Certificate_tells_the_caller_of_its_key_and_is_looked_up_once()
    {
        Store(_key);
        for (var i = 0; i < 10; i++)
            Assert.Equal(_key.Id, (await Authenticate()).Value.KeyId);
        await _store.Received(1).FindIdAsync(Certificate, Arg.Any<CancellationToken>());
        await _store.Received(1).FindAsync(_key.Id, Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Unknown_certificate_is_rejected_and_remembered_briefly()
    {
        await Rejects(ErrorCodes.InvalidCredentials);
        await Rejects(ErrorCodes.InvalidCredentials);
        await _store.Received(1).FindIdAsync(Certificate, Arg.Any<CancellationToken>());
        Store(_key);
        _time.Advance(AbsentIds.Lifetime);
        Assert.True((await Authenticate()).IsSuccess);
    }

    [Fact]
    public async Task Revocation_holds_at_once()
    {
        Store(_key);
        Assert.True((await Authenticate()).IsSuccess);
        await Change(_key with { RevokedAt = TestKeys.Now, Version = 1 });
        await Rejects(ErrorCodes.InvalidCredentials);
    }

    [Fact]
    public async Task Certificate_that_was_taken_from_its_key_is_rejected_at_once()
    {
        Store(_key);
        Assert.True((await Authenticate()).IsSuccess);
        _store.FindIdAsync(Certificate, Arg.Any<CancellationToken>()).Returns((string?)null);
        await Change(_key with { Certificates = [], Version = 1 }, standsFor: null);
        await Rejects(ErrorCodes.InvalidCredentials);
        StoreIsDown();
        Assert.False((await Authenticate()).IsSuccess);
    }

    [Fact]
    public async Task Certificate_that_was_given_to_another_key_lets_in_as_that_one_at_once()
    {
        Store(_key);
        Assert.Equal(_key.Id, (await Authenticate()).Value.KeyId);
        var other = TestKeys.KeyOf(TestKeys.NewToken()) with { Certificates = [Certificate], Version = 1 };
        await Change(_key with { Certificates = [], Version = 1 }, standsFor: other.Id);
        await Change(other);
        Assert.Equal(other.Id, (await Authenticate()).Value.KeyId);
    }

    [Fact]
    public async Task Key_that_does_not_name_the_certificate_does_not_let_it_in_whatever_the_table_says()
    {
        Store(_key with { Certificates = [CertificateFingerprint.Of("another"u8)] });
        await Rejects(ErrorCodes.InvalidCredentials);
    }

    [Fact]
    public async Task Expiry_and_networks_of_the_key_hold()
    {
        Store(_key with { ExpiresAt = TestKeys.Now.AddSeconds(10), Networks = [IPNetwork.Parse("192.0.2.0/24")] });
        Assert.True((await Authenticate()).IsSuccess);
        var elsewhere = await _authenticator.AuthenticateAsync(Certificate, IPAddress.Parse("198.51.100.1"), TestContext.Current.CancellationToken);
        Assert.Equal(ErrorCodes.NetworkNotAllowed, elsewhere.Error?.Code);
        _time.Advance(TimeSpan.FromSeconds(10));
        await Rejects(ErrorCodes.InvalidCredentials);
    }

    [Fact]
    public async Task Unknown_certificate_is_unavailable_while_the_store_is_down_and_a_known_one_works_for_the_configured_time()
    {
        StoreIsDown();
        await Rejects(ErrorCodes.KeyStoreUnavailable);
        Store(_key);
        Assert.True((await Authenticate()).IsSuccess);
        StoreIsDown();
        _time.Advance(TimeSpan.FromSeconds(630));
        await Expire();
        Assert.True((await Authenticate()).IsSuccess);
        _time.Advance(TimeSpan.FromTicks(1));
        await Rejects(ErrorCodes.KeyStoreUnavailable);
    }

    [Fact]
    public async Task Made_up_certificates_take_no_place_in_the_cache()
    {
        for (var i = 0; i < 100; i++)
        {
            var madeUp = CertificateFingerprint.Of(BitConverter.GetBytes(i));
            Assert.False((await _authenticator.AuthenticateAsync(madeUp, Address, TestContext.Current.CancellationToken)).IsSuccess);
            Assert.False((await _cache.TryGetAsync<object>("certificate:" + madeUp.Value, token: TestContext.Current.CancellationToken)).HasValue);
        }
    }

    private ValueTask<Result<Caller>> Authenticate() => _authenticator.AuthenticateAsync(Certificate, Address, TestContext.Current.CancellationToken);

    private async Task Rejects(string code) => Assert.Equal(code, (await Authenticate()).Error?.Code);

    private void Store(ApiKey key)
    {
        _store.FindAsync(key.Id, Arg.Any<CancellationToken>()).Returns(key);
        _store.FindIdAsync(Certificate, Arg.Any<CancellationToken>()).Returns(key.Id);
    }

    private Task Change(ApiKey key) => Change(key, key.Id);

    private async Task Change(ApiKey key, string? standsFor)
    {
        _store.FindAsync(key.Id, Arg.Any<CancellationToken>()).Returns(key);
        _store.FindIdAsync(Certificate, Arg.Any<CancellationToken>()).Returns(standsFor);
        _known.Forget(key);
    }

    private void StoreIsDown()
    {
        _store.FindAsync(Arg.Any<string>(), Arg.Any<CancellationToken>()).ThrowsAsync(Outage);
        _store.FindIdAsync(Arg.Any<CertificateFingerprint>(), Arg.Any<CancellationToken>()).ThrowsAsync(Outage);
    }

    private async Task Expire()
    {
        await _cache.ExpireAsync(ApiKeyAuthenticator.CacheKey(_key.Id), token: TestContext.Current.CancellationToken);
        await _cache.ExpireAsync("certificate:" + Certificate.Value, token: TestContext.Current.CancellationToken);
    }
}
