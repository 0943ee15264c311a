using IotBackend.Application.ApiKeys;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.UnitTests.KeyStore;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.ApiKeys;

public sealed class AdminKeysTests : IAsyncLifetime
{
    private readonly TestKeyStore _test = new(new FakeTimeProvider(TestKeys.Now));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private AdminKeys Keys => _test.Get<AdminKeys>();

    private IAdminKeyFile File => _test.Get<IAdminKeyFile>();

    public async ValueTask InitializeAsync() => await _test.StartAsync();

    public ValueTask DisposeAsync()
    {
        _test.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task First_start_makes_one_admin_key_and_writes_it_to_its_file()
    {
        var made = (await Keys.EnsureFirstAsync(null, Cancellation)).Value;
        Assert.NotNull(made);
        Assert.Equal(made + "\n", await System.IO.File.ReadAllTextAsync(File.Path, Cancellation));
        var key = await Find(made);
        Assert.Equal(("admin", Scopes.Admin, "unlimited", ApiKeyStatus.Active), (key.Name, key.Scopes, key.Tier, key.StatusAt(TestKeys.Now)));
        Assert.Equal(TestKeys.HashOf(made), key.SecretHash.ToArray());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Later_start_makes_none(string? given)
    {
        Assert.NotNull((await Keys.EnsureFirstAsync(given, Cancellation)).Value);
        Assert.Null((await Keys.EnsureFirstAsync(given, Cancellation)).Value);
    }

    [Fact]
    public async Task New_one_is_made_when_the_last_admin_key_was_revoked()
    {
        await _test.Store.AddAsync(AdminOf(TestKeys.NewToken()) with { RevokedAt = TestKeys.Now }, Cancellation);
        Assert.NotNull((await Keys.EnsureFirstAsync(null, Cancellation)).Value);
    }

    [Fact]
    public async Task Given_key_is_stored_once_and_written_to_no_file()
    {
        var given = TestKeys.NewToken();
        for (var start = 0; start < 3; start++)
            Assert.Null((await Keys.EnsureFirstAsync(given, Cancellation)).Value);
        Assert.Equal(Scopes.Admin, (await Find(given)).Scopes);
        Assert.False(File.Exists);
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("iot_000000000000_00000000000000000000000000000000000000")]
    [InlineData(" ")]
    public async Task Given_key_that_is_not_well_formed_is_refused_without_repeating_it(string given)
    {
        var message = await Refused(given);
        Assert.Contains("not a well-formed key", message, StringComparison.Ordinal);
        Assert.Contains("admin-key --new", message, StringComparison.Ordinal);
        Assert.False(await _test.Store.HasActiveAdminAsync(TestKeys.Now, Cancellation));
    }

    [Fact]
    public async Task Given_key_with_the_id_of_another_is_refused()
    {
        var given = TestKeys.NewToken();
        await Keys.EnsureFirstAsync(given, Cancellation);
        var other = TestKeys.WithOtherSecret(given);
        var message = await Refused(other);
        Assert.Contains("another secret", message, StringComparison.Ordinal);
        Assert.DoesNotContain(other[17..], message, StringComparison.Ordinal);
        Assert.Equal(TestKeys.HashOf(given), (await Find(given)).SecretHash.ToArray());
    }

    [Fact]
    public async Task Given_key_that_was_revoked_or_is_no_admin_key_is_refused()
    {
        var (revoked, plain) = (TestKeys.NewToken(), TestKeys.NewToken());
        await _test.Store.AddAsync(AdminOf(revoked) with { RevokedAt = TestKeys.Now }, Cancellation);
        await _test.Store.AddAsync(TestKeys.KeyOf(plain), Cancellation);
        Assert.Contains("revoked", await Refused(revoked), StringComparison.Ordinal);
        Assert.Contains("without the scope 'admin'", await Refused(plain), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replacement_leaves_the_other_keys_alone()
    {
        var first = (await Keys.EnsureFirstAsync(null, Cancellation)).Value!;
        var second = await Keys.ReplaceAsync(Cancellation);
        Assert.NotEqual(TestKeys.IdOf(first), TestKeys.IdOf(second));
        Assert.Equal(ApiKeyStatus.Active, (await Find(first)).StatusAt(TestKeys.Now));
        Assert.Equal(ApiKeyStatus.Active, (await Find(second)).StatusAt(TestKeys.Now));
        Assert.Equal(second + "\n", await System.IO.File.ReadAllTextAsync(File.Path, Cancellation));
    }

    private static ApiKey AdminOf(string token) => TestKeys.KeyOf(token) with { Scopes = Scopes.Admin };

    private async Task<ApiKey> Find(string token) => Assert.IsType<ApiKey>(await _test.Store.FindAsync(TestKeys.IdOf(token), Cancellation));

    private async Task<string> Refused(string given) => (await Keys.EnsureFirstAsync(given, Cancellation)).Error!.Message;
}
