using System.Net;
using IotBackend.Application.Access;
using IotBackend.Application.ApiKeys;
using IotBackend.UnitTests.ApiKeys;
using IotBackend.UnitTests.KeyStore;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Access;

public sealed class LastUsesTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(TestKeys.Now);
    private readonly TestKeyStore _test;
    private readonly LastUses _uses;
    private readonly string _id;

    public LastUsesTests()
    {
        _test = new TestKeyStore(_time);
        _uses = new LastUses(_test.Store, _time);
        _id = TestKeys.IdOf(_token);
    }

    private readonly string _token = TestKeys.NewToken();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _test.StartAsync();
        await _test.Store.AddAsync(TestKeys.KeyOf(_token), Cancel);
    }

    public ValueTask DisposeAsync()
    {
        _test.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Newest_use_is_stored_with_its_address()
    {
        _uses.Remember(_id, IPAddress.Parse("192.0.2.1"));
        _time.Advance(TimeSpan.FromSeconds(5));
        _uses.Remember(_id, IPAddress.Parse("::ffff:192.0.2.7"));
        Assert.Null((await _test.Store.FindAsync(_id, Cancel))!.LastUsedAt);

        await _uses.FlushAsync(Cancel);

        var key = (await _test.Store.FindAsync(_id, Cancel))!;
        Assert.Equal((TestKeys.Now.AddSeconds(5), "192.0.2.7"), (key.LastUsedAt, key.LastUsedFrom));
    }

    [Fact]
    public async Task Use_is_kept_to_the_second_and_another_address_at_once()
    {
        _uses.Remember(_id, IPAddress.Parse("192.0.2.1"));
        _time.Advance(TimeSpan.FromMilliseconds(999));
        _uses.Remember(_id, IPAddress.Parse("192.0.2.1"));
        await _uses.FlushAsync(Cancel);
        Assert.Equal(TestKeys.Now, (await _test.Store.FindAsync(_id, Cancel))!.LastUsedAt);

        _uses.Remember(_id, IPAddress.Parse("192.0.2.1"));
        _uses.Remember(_id, IPAddress.Parse("192.0.2.2"));
        await _uses.FlushAsync(Cancel);
        Assert.Equal("192.0.2.2", (await _test.Store.FindAsync(_id, Cancel))!.LastUsedFrom);

        _uses.Remember(_id, IPAddress.Parse("192.0.2.2"));
        _time.Advance(TimeSpan.FromMilliseconds(1_000));
        _uses.Remember(_id, IPAddress.Parse("192.0.2.2"));
        await _uses.FlushAsync(Cancel);
        Assert.Equal(TestKeys.Now.AddMilliseconds(1_999), (await _test.Store.FindAsync(_id, Cancel))!.LastUsedAt);
    }

    [Fact]
    public async Task What_could_not_be_stored_is_stored_later()
    {
        _uses.Remember(_id, IPAddress.Parse("2001:db8::1"));
        _test.Run("ALTER TABLE api_keys RENAME TO api_keys_away");
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => _uses.FlushAsync(Cancel));
        _test.Run("ALTER TABLE api_keys_away RENAME TO api_keys");

        await _uses.FlushAsync(Cancel);

        Assert.Equal("2001:db8::1", (await _test.Store.FindAsync(_id, Cancel))!.LastUsedFrom);
    }
}
