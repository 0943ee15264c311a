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

public sealed class ApiKeyAuthenticatorTests : IDisposable
{
    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.7");
    private static readonly KeyStoreUnavailableException Outage = new("The key store does not answer.", new TimeoutException());

    private readonly string _token = TestKeys.NewToken();
    private readonly FakeTimeProvider _time = new(TestKeys.Now);
    private readonly IApiKeyStore _store = Substitute.For<IApiKeyStore>();
    private readonly FusionCache _cache = new(new FusionCacheOptions());
    private readonly ToldMessages _messages = new();
    private readonly KnownApiKeys _known;
    private readonly ApiKeyAuthenticator _authenticator;

    public ApiKeyAuthenticatorTests()
    {
        var caching = new ApiKeyCaching(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(600));
        _known = new KnownApiKeys(_cache, caching, _time, _messages);
        _authenticator = new ApiKeyAuthenticator(_store, _cache, _known, caching, _time);
    }

    public void Dispose() => _cache.Dispose();

    [Fact]
    public async Task Right_key_tells_its_caller()
    {
        Store(TestKeys.KeyOf(_token));
        var caller = (await Authenticate(_token)).Value;
        Assert.Equal((TestKeys.IdOf(_token), "greenhouse", Scopes.MeasurementsWrite, "standard"), (caller.KeyId, caller.KeyName, caller.Scopes, caller.Tier));
    }

    [Fact]
    public async Task Known_key_is_looked_up_once()
    {
        Store(TestKeys.KeyOf(_token));
        for (var i = 0; i < 10; i++)
            Assert.True((await Authenticate(_token)).IsSuccess);
        Assert.Equal(1, LookUps);
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("iot_000000000000_00000000000000000000000000000000000000")]
    public async Task Garbage_is_rejected_without_a_look_up(string garbage)
    {
        await Rejects(garbage, ErrorCodes.InvalidCredentials);
        Assert.Equal(0, LookUps);
    }

    [Fact]
    public async Task Wrong_secret_is_rejected_before_and_after_the_right_one_was_seen()
    {
        Store(TestKeys.KeyOf(_token));
        var wrong = TestKeys.WithOtherSecret(_token);
        Assert.Equal(TestKeys.IdOf(_token), TestKeys.IdOf(wrong));
        await Rejects(wrong, ErrorCodes.InvalidCredentials);
        Assert.True((await Authenticate(_token)).IsSuccess);
        await Rejects(wrong, ErrorCodes.InvalidCredentials);
    }

    [Fact]
    public async Task Unknown_and_wrong_and_revoked_and_expired_keys_get_the_same_words()
    {
        var (unknown, revoked, expired) = (TestKeys.NewToken(), TestKeys.NewToken(), TestKeys.NewToken());
        Store(TestKeys.KeyOf(_token));
        Store(TestKeys.KeyOf(revoked) with { RevokedAt = TestKeys.Now });
        Store(TestKeys.KeyOf(expired) with { ExpiresAt = TestKeys.Now });
        var errors = new[] { TestKeys.WithOtherSecret(_token), unknown, revoked, expired }.Select(async token => (await Authenticate(token)).Error);
        Assert.Single((await Task.WhenAll(errors)).Distinct());
    }

    [Fact]
    public async Task Cached_key_expires_at_its_instant()
    {
        Store(TestKeys.KeyOf(_token) with { ExpiresAt = TestKeys.Now.AddSeconds(10) });
        Assert.True((await Authenticate(_token)).IsSuccess);
        _time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.True((await Authenticate(_token)).IsSuccess);
        _time.Advance(TimeSpan.FromTicks(1));
        await Rejects(_token, ErrorCodes.InvalidCredentials);
    }

    [Fact]
    public async Task Both_secrets_work_until_the_overlap_of_a_rotation_ends()
    {
        var newToken = TestKeys.WithOtherSecret(_token);
        Store(TestKeys.KeyOf(newToken) with { PreviousSecretHash = TestKeys.HashOf(_token), PreviousSecretUntil = TestKeys.Now.AddMinutes(1) });
        Assert.True((await Authenticate(_token)).IsSuccess);
        Assert.True((await Authenticate(newToken)).IsSuccess);
        _time.Advance(TimeSpan.FromMinutes(1));
        await Rejects(_token, ErrorCodes.InvalidCredentials);
        Assert.True((await Authenticate(newToken)).IsSuccess);
    }

    [Fact]
    public async Task Revocation_holds_against_a_look_up_that_was_under_way()
    {
        var key = TestKeys.KeyOf(_token);
        var old = new TaskCompletionSource<ApiKey?>();
        var revoked = key with { RevokedAt = TestKeys.Now, Version = 1 };
        _store.FindAsync(key.Id, Arg.Any<CancellationToken>()).Returns(_ => old.Task, _ => Task.FromResult<ApiKey?>(revoked));
        var underWay = Authenticate(_token);
        _known.Forget(revoked);
        old.SetResult(key);
        Assert.Equal(ErrorCodes.InvalidCredentials, (await underWay).Error?.Code);
        await Rejects(_token, ErrorCodes.InvalidCredentials);
    }

    [Fact]
    public async Task Revocation_holds_at_once_when_the_entry_is_removed()
    {
        Store(TestKeys.KeyOf(_token));
        Assert.True((await Authenticate(_token)).IsSuccess);
        Store(TestKeys.KeyOf(_token) with { RevokedAt = TestKeys.Now });
        await _cache.RemoveAsync(ApiKeyAuthenticator.CacheKey(TestKeys.IdOf(_token)), token: TestContext.Current.CancellationToken);
        await Rejects(_token, ErrorCodes.InvalidCredentials);
    }

    [Theory]
    [InlineData("192.0.2.7", true)]
    [InlineData("::ffff:192.0.2.7", true)]
    [InlineData("192.0.3.7", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData(null, false)]
    public async Task Network_of_the_key_decides(string? address, bool isAllowed)
    {
        Store(TestKeys.KeyOf(_token) with { Networks = [IPNetwork.Parse("192.0.2.0/24")] });
        var result = await _authenticator.AuthenticateAsync(
            _token, address is null ? null : IPAddress.Parse(address), TestContext.Current.CancellationToken);
        Assert.Equal(isAllowed ? null : ErrorCodes.NetworkNotAllowed, result.Error?.Code);
    }

    [Fact]
    public async Task Network_is_not_told_to_one_with_a_wrong_secret()
    {
        Store(TestKeys.KeyOf(_token) with { Networks = [IPNetwork.Parse("198.51.100.0/24")] });
        await Rejects(TestKeys.WithOtherSecret(_token), ErrorCodes.InvalidCredentials);
    }

    [Fact]
    public async Task Unknown_key_is_unavailable_while_the_store_is_down()
    {
        StoreIsDown();
        var error = await Rejects(_token, ErrorCodes.KeyStoreUnavailable);
        Assert.Equal(ErrorKind.Unavailable, error.Kind);
        Assert.NotNull(error.RetryAfter);
        Store(TestKeys.KeyOf(_token));
        Assert.True((await Authenticate(_token)).IsSuccess);
    }

    [Fact]
    public async Task Cached_key_works_through_an_outage_for_the_configured_time()
    {
        Store(TestKeys.KeyOf(_token));
        Assert.True((await Authenticate(_token)).IsSuccess);
        StoreIsDown();
        _time.Advance(TimeSpan.FromSeconds(630));
        await Expire();
        Assert.True((await Authenticate(_token)).IsSuccess);
        Assert.Equal(2, LookUps);
        await Rejects(TestKeys.WithOtherSecret(_token), ErrorCodes.InvalidCredentials);
        _time.Advance(TimeSpan.FromTicks(1));
        await Rejects(_token, ErrorCodes.KeyStoreUnavailable);
        await Expire();
        await Rejects(_token, ErrorCodes.KeyStoreUnavailable);
        Store(TestKeys.KeyOf(_token));
        await Expire();
        Assert.True((await Authenticate(_token)).IsSuccess);
    }

    [Fact]
    public async Task Key_that_another_node_has_changed_is_looked_up_again()
    {
        Store(TestKeys.KeyOf(_token) with { Version = 3 });
        Assert.True((await Authenticate(_token)).IsSuccess);
        Store(TestKeys.KeyOf(_token) with { Version = 4, RevokedAt = TestKeys.Now });
        foreach (var older in new[] { "0123456789AB:9", $"{TestKeys.IdOf(_token)}", $"{TestKeys.IdOf(_token)}:x", "", "::" })
            _messages.Tell(older);
        Assert.True((await Authenticate(_token)).IsSuccess);
        _messages.Tell($"{TestKeys.IdOf(_token)}:4");
        await Rejects(_token, ErrorCodes.InvalidCredentials);
    }

    [Fact]
    public async Task Look_up_under_way_while_another_node_changes_the_key_is_not_believed()
    {
        var slow = new TaskCompletionSource<ApiKey?>();
        _store.FindAsync(TestKeys.IdOf(_token), Arg.Any<CancellationToken>()).Returns(
            _ => slow.Task, _ => Task.FromResult<ApiKey?>(TestKeys.KeyOf(_token) with { Version = 2, RevokedAt = TestKeys.Now }));
        var asked = Authenticate(_token);

        // A version later than this one may tell more.
        _messages.Tell($"{TestKeys.IdOf(_token)}:2:more");
        slow.SetResult(TestKeys.KeyOf(_token) with { Version = 1 });
        Assert.False((await asked).IsSuccess);
        Assert.Equal(2, LookUps);
    }

    [Fact]
    public async Task Key_that_was_just_made_on_another_node_is_known_at_once()
    {
        await Rejects(_token, ErrorCodes.InvalidCredentials);
        Store(TestKeys.KeyOf(_token));
        _messages.Tell($"{TestKeys.IdOf(_token)}:0");
        Assert.True((await Authenticate(_token)).IsSuccess);
    }

    [Fact]
    public async Task After_missed_messages_all_keys_are_looked_up_again_and_serve_on_through_an_outage()
    {
        Store(TestKeys.KeyOf(_token));
        Assert.True((await Authenticate(_token)).IsSuccess);
        StoreIsDown();
        _messages.TellMissed();
        Assert.True((await Authenticate(_token)).IsSuccess);
        Assert.Equal(2, LookUps);
        Store(TestKeys.KeyOf(_token) with { Version = 2, RevokedAt = TestKeys.Now });
        _messages.TellMissed();
        await Rejects(_token, ErrorCodes.InvalidCredentials);
    }

    [Fact]
    public void Change_is_told_to_other_nodes_with_its_version()
    {
        _known.Forget(TestKeys.KeyOf(_token) with { Version = 7 });
        Assert.Equal([$"{TestKeys.IdOf(_token)}:7"], _messages.Published);
    }

    [Fact]
    public async Task Key_that_vanished_does_not_come_back_in_an_outage()
    {
        Store(TestKeys.KeyOf(_token));
        Assert.True((await Authenticate(_token)).IsSuccess);
        await Expire();
        _store.FindAsync(TestKeys.IdOf(_token), Arg.Any<CancellationToken>()).Returns((ApiKey?)null);
        await Rejects(_token, ErrorCodes.InvalidCredentials);
        StoreIsDown();
        _time.Advance(AbsentIds.Lifetime);
        await Expire();
        Assert.False((await Authenticate(_token)).IsSuccess);
    }

    [Fact]
    public async Task Crowd_that_asks_for_one_key_of_a_store_that_hangs_waits_no_longer_than_one_who_does()
    {
        _store.FindAsync(TestKeys.IdOf(_token), Arg.Any<CancellationToken>()).Returns(new TaskCompletionSource<ApiKey?>().Task);
        var crowd = Enumerable.Range(0, 10).Select(_ => Authenticate(_token).AsTask()).ToList();
        _time.Advance(TimeSpan.FromSeconds(5));
        foreach (var answer in await Task.WhenAll(crowd).WaitAsync(TimeSpan.FromSeconds(9), TestContext.Current.CancellationToken))
            Assert.Equal(ErrorCodes.KeyStoreUnavailable, answer.Error?.Code);
    }

    [Fact]
    public async Task Store_that_hangs_does_not_hold_up_a_known_key()
    {
        Store(TestKeys.KeyOf(_token));
        Assert.True((await Authenticate(_token)).IsSuccess);
        await Expire();
        _store.FindAsync(TestKeys.IdOf(_token), Arg.Any<CancellationToken>()).Returns(new TaskCompletionSource<ApiKey?>().Task);
        Assert.True((await Authenticate(_token).AsTask().WaitAsync(TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken)).IsSuccess);
    }

    [Fact]
    public async Task Absent_key_is_remembered_briefly()
    {
        await Rejects(_token, ErrorCodes.InvalidCredentials);
        await Rejects(_token, ErrorCodes.InvalidCredentials);
        Assert.Equal(1, LookUps);
        Store(TestKeys.KeyOf(_token));
        _time.Advance(AbsentIds.Lifetime);
        Assert.True((await Authenticate(_token)).IsSuccess);
    }

    [Fact]
    public async Task Made_up_ids_take_no_place_in_the_cache()
    {
        var tokens = Enumerable.Range(0, 100).Select(_ => TestKeys.NewToken()).ToList();
        foreach (var token in tokens)
        {
            await Rejects(token, ErrorCodes.InvalidCredentials);
            Assert.False((await _cache.TryGetAsync<object>(
                ApiKeyAuthenticator.CacheKey(TestKeys.IdOf(token)), token: TestContext.Current.CancellationToken)).HasValue);
        }
    }

    [Fact]
    public async Task Known_key_is_answered_at_once_with_little_memory()
    {
        Store(TestKeys.KeyOf(_token));
        for (var i = 0; i < 100; i++)
            Assert.True((await Authenticate(_token)).IsSuccess);
        const int rounds = 1000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < rounds; i++)
        {
            var pending = Authenticate(_token);
            Assert.True(pending.IsCompletedSuccessfully);
            _ = await pending;
        }

        // A debug build allocates its state machines too; a release build stays at about 120 bytes.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / rounds, 0, 500);
    }

    private int LookUps => _store.ReceivedCalls().Count();

    private ValueTask<Result<Caller>> Authenticate(string token) =>
        _authenticator.AuthenticateAsync(token, Address, TestContext.Current.CancellationToken);

    private async Task<Error> Rejects(string token, string code)
    {
        var error = (await Authenticate(token)).Error;
        Assert.Equal(code, error?.Code);
        return error!;
    }

    private void Store(ApiKey key) => _store.FindAsync(key.Id, Arg.Any<CancellationToken>()).Returns(key);

    private void StoreIsDown() => _store.FindAsync(Arg.Any<string>(), Arg.Any<CancellationToken>()).ThrowsAsync(Outage);

    // The cache has its own clock; this is what it does to an entry when its time is over.
    private async Task Expire() => await _cache.ExpireAsync(
        ApiKeyAuthenticator.CacheKey(TestKeys.IdOf(_token)), token: TestContext.Current.CancellationToken);
}
