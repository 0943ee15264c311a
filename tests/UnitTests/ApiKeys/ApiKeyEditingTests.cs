using IotBackend.Application.Access;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.KeyStore;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using NSubstitute.ExceptionExtensions;
using Xunit;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.UnitTests.ApiKeys;

/// <summary>What changes of keys ask of the store, and what they make of its answers.</summary>
public sealed class ApiKeyEditingTests : IDisposable
{
    private readonly string _token = TestKeys.NewToken();
    private readonly FakeTimeProvider _time = new(TestKeys.Now);
    private readonly FusionCache _cache = new(new FusionCacheOptions());
    private readonly IApiKeyStore _store = Substitute.For<IApiKeyStore>();
    private readonly ICallerContext _context = Substitute.For<ICallerContext>();
    private readonly AuditTrail _trail = new();
    private readonly ApiKeyEditor _editor;

    public ApiKeyEditingTests()
    {
        var tiers = Substitute.For<ITiers>();
        tiers.Find(Arg.Any<string>()).Returns(call => Tier.BuiltIn.FirstOrDefault(tier => tier.Name == call.Arg<string>()));
        _context.Caller.Returns(new Caller("caller000000", "caller", Scopes.Admin, "unlimited", [], DeviceSet.All, []));
        _editor = new ApiKeyEditor(_store, tiers, new KnownApiKeys(_cache, ApiKeyCaching.Default, _time), _context, _trail, _time);
        Store(TestKeys.KeyOf(_token));
        _store.UpdateAsync(default!, default, Cancellation).ReturnsForAnyArgs(ApiKeySaved.Done);
        _store.AddAsync(default!, Cancellation).ReturnsForAnyArgs(ApiKeySaved.Done);
    }

    public static TheoryData<ApiKeyValues> NoLongerAdmin => new()
    {
        new ApiKeyValues { Scopes = Scopes.MeasurementsRead },
        new ApiKeyValues { Buckets = [BucketName.Default] },
        new ApiKeyValues { Devices = [DevicePattern.Parse("greenhouse-*")] },
    };

    public static TheoryData<ApiKeyValues> StillAdmin => new()
    {
        new ApiKeyValues { Name = "other" },
        new ApiKeyValues { Scopes = Scopes.Admin | Scopes.MetricsRead },
        new ApiKeyValues { Devices = [DevicePattern.Parse("*")] },
        new ApiKeyValues { HasExpiresAt = true, ExpiresAt = TestKeys.Now.AddMilliseconds(1) },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Id => TestKeys.IdOf(_token);

    private ApiKey Saved => (ApiKey)_store.ReceivedCalls().Last(call => call.GetMethodInfo().Name == nameof(IApiKeyStore.UpdateAsync)).GetArguments()[0]!;

    public void Dispose() => _cache.Dispose();

    [Fact]
    public async Task Old_secret_works_to_the_end_of_the_overlap_and_no_longer()
    {
        var issued = (await RotateAsync(TimeSpan.FromSeconds(60))).Value;
        Assert.Equal((Id, TestKeys.Now.AddSeconds(60)), (issued.Key.Id, issued.Key.PreviousSecretUntil));
        Assert.Equal(TestKeys.HashOf(issued.Token), Saved.SecretHash.ToArray());
        Assert.Equal(TestKeys.HashOf(_token), Saved.SecretBefore(TestKeys.Now.AddSeconds(60).AddTicks(-1))?.ToArray());
        Assert.Null(Saved.SecretBefore(TestKeys.Now.AddSeconds(60)));
    }

    [Fact]
    public async Task Without_an_overlap_nothing_is_kept_of_the_old_secret()
    {
        Store(TestKeys.KeyOf(_token) with { PreviousSecretHash = TestKeys.HashOf(TestKeys.NewToken()), PreviousSecretUntil = TestKeys.Now.AddDays(1) });
        await RotateAsync(TimeSpan.Zero);
        Assert.Null(Saved.PreviousSecretHash);
        Assert.Null(Saved.PreviousSecretUntil);
        Assert.Null(Saved.SecretBefore(TestKeys.Now));
    }

    [Fact]
    public async Task Second_rotation_keeps_one_old_secret()
    {
        var first = (await RotateAsync(TimeSpan.FromDays(1))).Value;
        Store(Saved);
        await RotateAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(TestKeys.HashOf(first.Token), Saved.PreviousSecretHash?.ToArray());
        Assert.Equal(TestKeys.Now.AddSeconds(1), Saved.PreviousSecretUntil);
    }

    [Theory]
    [MemberData(nameof(NoLongerAdmin))]
    public async Task Other_admin_is_asked_for_when_one_ends(ApiKeyValues values)
    {
        Store(TestKeys.KeyOf(_token) with { Scopes = Scopes.Admin });
        _store.UpdateAsync(Arg.Any<ApiKey>(), TestKeys.Now, Arg.Any<CancellationToken>()).Returns(ApiKeySaved.LastAdmin);
        Assert.Equal(ErrorKind.Conflict, (await ChangeAsync(values)).Error?.Kind);
        Store(TestKeys.KeyOf(_token) with { Scopes = Scopes.Admin, ExpiresAt = TestKeys.Now });
        Assert.Null((await ChangeAsync(values)).Error);
    }

    [Theory]
    [MemberData(nameof(StillAdmin))]
    public async Task Other_admin_is_not_asked_for_when_none_ends(ApiKeyValues values)
    {
        Store(TestKeys.KeyOf(_token) with { Scopes = Scopes.Admin });
        Assert.Null((await ChangeAsync(values)).Error);
        await _store.Received(1).UpdateAsync(Arg.Any<ApiKey>(), null, Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Change_is_stored_to_its_end_when_the_client_goes_and_not_begun_when_he_has_gone()
    {
        using var client = new CancellationTokenSource();
        _store.UpdateAsync(default!, default, Cancellation).ReturnsForAnyArgs(async call =>
        {
            await client.CancelAsync();
            call.Arg<CancellationToken>().ThrowIfCancellationRequested();
            return ApiKeySaved.Done;
        });
        Assert.Null((await ChangeAsync(new ApiKeyValues { Name = "changed" }, client.Token)).Error);
        Assert.Contains("changed", _trail.After, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ChangeAsync(new ApiKeyValues { Name = "again" }, client.Token));
        Assert.Single(_store.ReceivedCalls(), call => call.GetMethodInfo().Name == nameof(IApiKeyStore.UpdateAsync));
    }

    [Theory]
    [InlineData(ApiKeySaved.Conflict)]
    [InlineData(ApiKeySaved.CertificateTaken)]
    [InlineData(ApiKeySaved.LastAdmin)]
    public async Task Nothing_is_told_of_a_change_that_was_not_stored(ApiKeySaved outcome)
    {
        _store.UpdateAsync(default!, default, Cancellation).ReturnsForAnyArgs(outcome);
        Assert.Equal(ErrorCodes.Conflict, (await ChangeAsync(new ApiKeyValues { Name = "changed" })).Error?.Code);
        Assert.Null(_trail.After);
    }

    [Fact]
    public async Task Outage_is_an_error_to_come_back_after()
    {
        _store.UpdateAsync(default!, default, Cancellation).ThrowsAsyncForAnyArgs(new KeyStoreUnavailableException("The key store does not answer.", null));
        var error = (await ChangeAsync(new ApiKeyValues { Name = "changed" })).Error;
        Assert.Equal((ErrorCodes.KeyStoreUnavailable, true), (error?.Code, error?.RetryAfter >= TimeSpan.FromSeconds(1)));
        Assert.Null(_trail.After);
    }

    [Fact]
    public async Task Creation_is_told_in_whole_milliseconds_and_with_what_was_not_named()
    {
        _time.Advance(TimeSpan.FromTicks(12_345));
        var created = await new CreateApiKeyHandler(_editor, new RandomKeyGenerator()).Handle(
            new CreateApiKey(new ApiKeyValues { Name = "n", Scopes = Scopes.None }), Cancellation);
        Assert.Equal((TestKeys.Now.AddMilliseconds(1), "standard", ""), (created.Value.Key.CreatedAt, created.Value.Key.Tier, created.Value.Key.Notes));
        Assert.Equal(TestKeys.HashOf(created.Value.Token), created.Value.Key.SecretHash.ToArray());
        Assert.Equal(created.Value.Key.Id, _trail.ObjectId);
        Assert.DoesNotContain(created.Value.Token[17..], _trail.After, StringComparison.Ordinal);
    }

    private void Store(ApiKey key) => _store.FindAsync(Id, Arg.Any<CancellationToken>()).Returns(key);

    private Task<Result<ApiKey>> ChangeAsync(ApiKeyValues values, CancellationToken? cancellation = null) =>
        new ChangeApiKeyHandler(_editor).Handle(new ChangeApiKey(Id, values, Precondition.None), cancellation ?? Cancellation);

    private Task<Result<IssuedApiKey>> RotateAsync(TimeSpan overlap) =>
        new RotateApiKeyHandler(_editor, new RandomKeyGenerator()).Handle(new RotateApiKey(Id, overlap, Precondition.None), Cancellation);
}
