using System.Net;
using IotBackend.Application.Access;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.Access.Blocks;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Nodes;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.KeyStore;
using IotBackend.Infrastructure.KeyStore.Blocks;
using IotBackend.UnitTests.Access.Blocks;
using IotBackend.UnitTests.ApiKeys;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Xunit;

namespace IotBackend.UnitTests.KeyStore;

/// <summary>Blocks by hand with the real store behind them.</summary>
public sealed class CreateBlockTests : IAsyncLifetime
{
    private static readonly BlockTarget Address = new(BlockKind.Address, "192.0.2.7");

    private readonly FakeTimeProvider _time = new(TestKeys.Now);
    private readonly TestKeyStore _test = new();
    private readonly BlockList _list;

    public CreateBlockTests() => _list = new BlockList(new BlockRules(), new PostedEvents(), _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private EfBlockStore Store => new(_test.Get<KeyStoreDatabase>(), new BlockRules());

    public async ValueTask InitializeAsync() => await _test.StartAsync();

    public ValueTask DisposeAsync()
    {
        _test.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_another_node_has_blocked_by_hand_is_a_conflict_and_held_in_its_place_by_nobody()
    {
        var other = Elsewhere(_time.GetUtcNow().AddMinutes(1));
        await Store.SaveAsync([other], Cancel);
        Assert.Equal(ErrorCodes.Conflict, (await CreateAsync()).Error?.Code);
        Assert.Null(_list.CheckAddress(IPAddress.Parse(Address.Value)));
        Assert.Equal(other, Assert.Single(await Store.ListAsync(_time.GetUtcNow(), Cancel)));
    }

    [Fact]
    public async Task Block_by_hand_that_ended_and_was_not_cleaned_up_is_replaced()
    {
        await Store.SaveAsync([Elsewhere(_time.GetUtcNow())], Cancel);
        var made = (await CreateAsync()).Value;
        Assert.NotNull(_list.CheckAddress(IPAddress.Parse(Address.Value)));
        Assert.Equal(made, Assert.Single(await Store.ListAsync(_time.GetUtcNow(), Cancel)));
    }

    [Fact]
    public async Task Block_by_hand_that_ended_keeps_no_rule_out_of_the_table()
    {
        await Store.SaveAsync([Elsewhere(_time.GetUtcNow())], Cancel);
        _list.BlockByRule(Address, "because");
        await new BlockSynchronization(_list, Store, _test.Get<ILeases>(), _time).RunAsync(Cancel);
        Assert.Equal("because", Assert.Single(_list.List()).Reason);
        Assert.Equal("because", Assert.Single(await Store.ListAsync(_time.GetUtcNow(), Cancel)).Reason);
    }

    private Block Elsewhere(DateTimeOffset until) => new("elsewhere", Address.Kind, Address.Value, "elsewhere", _time.GetUtcNow().AddHours(-1), until, 0);

    private Task<Result<Block>> CreateAsync() =>
        new CreateBlockHandler(_list, Store, _test.Get<IApiKeyStore>(), Substitute.For<ICallerContext>(), new AuditTrail())
            .Handle(new CreateBlock(Address, "by hand", null), Cancel);
}
