using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using IotBackend.Api.Security;
using IotBackend.Application.Access;
using IotBackend.Application.Access.Blocks;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using IotBackend.UnitTests.Access.Blocks;
using IotBackend.UnitTests.ApiKeys;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.UnitTests.Security;

public sealed class CallerWatchTests : IAsyncLifetime
{
    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.7");
    private static readonly Error Revoked = new(ErrorKind.Unauthenticated, ErrorCodes.InvalidCredentials, "The API key is not valid.");

    private readonly FakeTimeProvider _time = new(TestKeys.Now);
    private readonly FusionCache _cache = new(new FusionCacheOptions());
    private readonly ScriptedAuthenticator _authenticator = new();
    private readonly ConcurrentDictionary<string, Result<Caller>> _told = new();
    private readonly KnownApiKeys _keys;
    private readonly BlockList _blocks;
    private readonly CallerWatch _watch;

    public CallerWatchTests()
    {
        _keys = new KnownApiKeys(_cache, ApiKeyCaching.Default, _time);
        _blocks = new BlockList(new BlockRules(), new PostedEvents(), _time);
        _watch = new CallerWatch(_authenticator, _keys, _blocks, _time, NullLogger<CallerWatch>.Instance);
    }

    public async ValueTask InitializeAsync() => await _watch.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _watch.StopAsync(CancellationToken.None);
        _watch.Dispose();
        _keys.Dispose();
        _cache.Dispose();
    }

    [Fact]
    public async Task Block_is_told_while_the_key_store_hangs()
    {
        var never = new TaskCompletionSource<Result<Caller>>();
        _authenticator.Answer = _ => new ValueTask<Result<Caller>>(never.Task);
        Stay("a");
        Stay("b");
        ChangeSomeKey();
        await UntilAsync(() => _authenticator.Calls > 0);

        _blocks.BlockByRule(BlockTarget.OfKey("b"), "because");
        await UntilAsync(() => _told.ContainsKey("b"));

        Assert.Equal(ErrorCodes.Blocked, _told["b"].Error!.Code);
        Assert.False(_told.ContainsKey("a"));
        never.SetResult(Revoked);
        await UntilAsync(() => _told.ContainsKey("a"));
    }

    [Fact]
    public async Task Keys_are_looked_up_so_many_at_a_time()
    {
        var hanging = new TaskCompletionSource();
        _authenticator.Answer = async _ =>
        {
            await hanging.Task;
            return Revoked;
        };
        for (var i = 0; i <= CallerWatch.LookUpsAtOnce; i++)
            Stay($"key-{i}");
        ChangeSomeKey();

        await UntilAsync(() => _authenticator.Calls == CallerWatch.LookUpsAtOnce);
        for (var i = 0; i < 20; i++)
            await TickAsync();
        Assert.Equal(CallerWatch.LookUpsAtOnce, _authenticator.Calls);

        hanging.SetResult();
        await UntilAsync(() => _told.Count == CallerWatch.LookUpsAtOnce + 1);
    }

    [Fact]
    public async Task Key_is_looked_up_once_for_all_who_show_it_from_one_address()
    {
        _authenticator.Answer = _ => ValueTask.FromResult<Result<Caller>>(Revoked);
        Stay("a", told: "a1");
        Stay("a", told: "a2");
        Stay("a", told: "a3", address: IPAddress.Parse("192.0.2.8"));
        ChangeSomeKey();

        await UntilAsync(() => _told.Count == 3);
        Assert.Equal(2, _authenticator.Calls);
    }

    [Fact]
    public async Task Who_can_not_be_told_keeps_nobody_else_from_being()
    {
        _authenticator.Answer = _ => ValueTask.FromResult<Result<Caller>>(Revoked);
        using var bad = _watch.Add(CallerOf("a"), Credential.OfKey("a"), Address, _ => throw new InvalidOperationException("can not be told"));
        using var worse = _watch.Add(CallerOf("a"), Credential.OfKey("a"), Address, _ => throw new OperationCanceledException());
        Stay("a");
        Stay("blocked");
        ChangeSomeKey();
        await UntilAsync(() => _told.ContainsKey("a"));

        _blocks.BlockByRule(new BlockTarget(BlockKind.Address, Address.ToString()), "because");
        await UntilAsync(() => _told["blocked"].Error!.Code == ErrorCodes.Blocked);
        Assert.False(_watch.ExecuteTask!.IsCompleted);
    }

    [Fact]
    public async Task Key_that_can_not_be_judged_keeps_no_other_from_being()
    {
        _authenticator.Answer = key => key switch
        {
            "bad" => throw new InvalidOperationException("a bug"),
            "worse" => throw new OperationCanceledException(),
            _ => ValueTask.FromResult<Result<Caller>>(Revoked),
        };
        Stay("bad");
        Stay("worse");
        Stay("good");
        ChangeSomeKey();
        await UntilAsync(() => _told.ContainsKey("good"));

        Stay("later");
        ChangeSomeKey();
        await UntilAsync(() => _told.ContainsKey("later"));
        Assert.False(_watch.ExecuteTask!.IsCompleted);
        Assert.Equal(["good", "later"], _told.Keys.Order());
    }

    [Fact]
    public async Task Key_that_can_not_be_known_now_changes_nothing()
    {
        _authenticator.Answer = _ => ValueTask.FromResult<Result<Caller>>(new Error(ErrorKind.Unavailable, ErrorCodes.KeyStoreUnavailable, "not now"));
        Stay("a");
        ChangeSomeKey();
        await UntilAsync(() => _authenticator.Calls > 0);
        for (var i = 0; i < 5; i++)
            await TickAsync();
        Assert.Empty(_told);
    }

    [Fact]
    public async Task Client_certificate_that_expires_is_told()
    {
        var end = TestKeys.Now.AddMinutes(1);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=device", key, HashAlgorithmName.SHA256).CreateSelfSigned(TestKeys.Now.AddDays(-1), end);
        _authenticator.Answer = id => ValueTask.FromResult<Result<Caller>>(CallerOf("a"));
        using var stay = _watch.Add(CallerOf("a"), Credential.Of(certificate), Address, now => _told["a"] = now);

        // As long as it is valid, its key decides.
        await UntilAsync(() => _told.ContainsKey("a"));
        Assert.True(_time.GetUtcNow() <= end);
        Assert.True(_told["a"].IsSuccess);

        await UntilAsync(() => _told["a"].Error?.Code == ErrorCodes.InvalidCredentials);
        Assert.InRange(_time.GetUtcNow(), end, DateTimeOffset.MaxValue);
    }

    private static Caller CallerOf(string id) => new(id, "test", Scopes.MeasurementsRead, "standard", [], DeviceSet.All, []);

    private void Stay(string id, string? told = null, IPAddress? address = null) =>
        _watch.Add(CallerOf(id), Credential.OfKey(id), address ?? Address, now => _told[told ?? id] = now);

    private void ChangeSomeKey() => _keys.Forget(TestKeys.KeyOf(TestKeys.NewToken()));

    private async Task TickAsync()
    {
        _time.Advance(CallerWatch.Interval);
        await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private async Task UntilAsync(Func<bool> isSo)
    {
        for (var ticks = 0; !isSo(); ticks++)
        {
            Assert.True(ticks < 2_000, "It does not happen.");
            await TickAsync();
        }
    }

    private sealed class ScriptedAuthenticator : IApiKeyAuthenticator
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        /// <summary>What comes of a key, or of a certificate's fingerprint.</summary>
        public Func<string, ValueTask<Result<Caller>>> Answer { get; set; } = id => ValueTask.FromResult<Result<Caller>>(CallerOf(id));

        public ValueTask<Result<Caller>> AuthenticateAsync(string presentedKey, IPAddress? remoteAddress, CancellationToken cancellationToken) => AnswerAsync(presentedKey);

        public ValueTask<Result<Caller>> AuthenticateAsync(CertificateFingerprint certificate, IPAddress? remoteAddress, CancellationToken cancellationToken) =>
            AnswerAsync(certificate.Value);

        private ValueTask<Result<Caller>> AnswerAsync(string shown)
        {
            Interlocked.Increment(ref _calls);
            return Answer(shown);
        }
    }
}
