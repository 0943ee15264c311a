using IotBackend.Application.Access.Audit;
using IotBackend.Application.Access.Blocks;
using IotBackend.Application.Nodes;
using IotBackend.Infrastructure.KeyStore;
using IotBackend.UnitTests.Access.Blocks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using NSubstitute;
using Xunit;

namespace IotBackend.UnitTests.KeyStore;

/// <summary>The loops go on and lose nothing, whatever the database throws once.</summary>
public sealed class UpkeepTests
{
    private static readonly AuditKeeping Keeping = new(TimeSpan.FromDays(1), 10);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 20, 44, 0, TimeSpan.Zero));
    private readonly IBlockStore _store = Substitute.For<IBlockStore>();
    private readonly IAuditLog _log = Substitute.For<IAuditLog>();
    private readonly ILeases _leases = Substitute.For<ILeases>();

    public UpkeepTests() => _leases.TryTakeAsync(default!, default, Cancel).ReturnsForAnyArgs(true);

    public static TheoryData<Exception> Thrown =>
    [
        new PostgresException("deadlock detected", "ERROR", "ERROR", PostgresErrorCodes.DeadlockDetected),
        new PostgresException("could not serialize access", "ERROR", "ERROR", PostgresErrorCodes.SerializationFailure),

        // Not the end of the program, but a question that somebody else gave up.
        new TaskCanceledException(),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Thrown), DisableDiscoveryEnumeration = true)]
    public async Task Block_that_could_not_be_stored_is_stored_in_the_next_round(Exception thrown)
    {
        var list = new BlockList(new BlockRules(), new PostedEvents(), _time);
        list.BlockByRule(BlockTarget.OfKey("0123456789AB"), "because");
        var block = list.List().Single();
        var stored = new TaskCompletionSource<IReadOnlyCollection<Block>>();
        var isFirst = true;
        _store.ListAsync(default, Cancel).ReturnsForAnyArgs([block]);
        _store.WhenForAnyArgs(store => store.SaveAsync(default!, Cancel)).Do(call =>
        {
            if (isFirst)
            {
                isFirst = false;
                throw thrown;
            }

            stored.TrySetResult(call.Arg<IReadOnlyCollection<Block>>());
        });
        await using var upkeep = await StartAsync(services => services.AddBlockUpkeep(), list);
        await GoOnUntilAsync(stored.Task);
        Assert.Equal([block], await stored.Task);
    }

    [Theory]
    [MemberData(nameof(Thrown), DisableDiscoveryEnumeration = true)]
    public async Task Audit_log_is_written_and_cleaned_up_in_the_next_round(Exception thrown)
    {
        var (written, cleaned) = (new TaskCompletionSource<int>(), new TaskCompletionSource());
        var (writings, cleanings) = (0, 0);
        _log.AddAsync(default(IReadOnlyList<AuditEntry>)!, Cancel).ReturnsForAnyArgs(call =>
        {
            if (++writings == 1)
                throw thrown;
            written.TrySetResult(call.Arg<IReadOnlyList<AuditEntry>>().Sum(entry => entry.Count));
            return Task.FromResult<IReadOnlyList<long>>([1]);
        });
        _log.RemoveAsync(default, default, Cancel).ReturnsForAnyArgs(_ =>
        {
            if (++cleanings == 1)
                throw thrown;
            cleaned.TrySetResult();
            return Task.FromResult(0);
        });
        var events = new SecurityEvents(Keeping, _time);
        for (var i = 0; i < 3; i++)
            events.Post(new SecurityEvent(SecurityActions.AuthenticationFail, SecurityActions.Malformed));
        await using var upkeep = await StartAsync(services => services.AddAuditUpkeep(), events: events);
        await GoOnUntilAsync(Task.WhenAll(written.Task, cleaned.Task));
        Assert.Equal(3, await written.Task);
    }

    [Fact]
    public async Task Blocks_are_read_before_the_first_request_and_stored_at_the_end()
    {
        var list = new BlockList(new BlockRules(), new PostedEvents(), _time);
        _store.ListAsync(default, Cancel).ReturnsForAnyArgs([]);
        var upkeep = await StartAsync(services => services.AddBlockUpkeep(), list);
        await _store.ReceivedWithAnyArgs(1).ListAsync(default, Cancel);
        list.BlockByRule(BlockTarget.OfKey("0123456789AB"), "because");

        await upkeep.DisposeAsync();

        await _store.Received(1).SaveAsync(Arg.Is<IReadOnlyCollection<Block>>(blocks => blocks.Count == 1), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Audit_log_is_written_a_last_time_at_the_end_with_all_that_was_still_gathered()
    {
        _log.AddAsync(default(IReadOnlyList<AuditEntry>)!, Cancel).ReturnsForAnyArgs(call => Task.FromResult<IReadOnlyList<long>>([.. call.Arg<IReadOnlyList<AuditEntry>>().Select((_, i) => i + 1L)]));
        var events = new SecurityEvents(Keeping, _time);
        var upkeep = await StartAsync(services => services.AddAuditUpkeep(), events: events);
        events.Post(new SecurityEvent(SecurityActions.AuthenticationFail, SecurityActions.Malformed));

        await upkeep.DisposeAsync();

        await _log.Received(1).AddAsync(Arg.Is<IReadOnlyList<AuditEntry>>(entries => entries.Count == 1), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Node_without_the_lease_writes_what_is_its_own_and_cleans_up_nothing()
    {
        _leases.TryTakeAsync(default!, default, Cancel).ReturnsForAnyArgs(false);
        var refreshed = new TaskCompletionSource();
        var refreshes = 0;
        _store.ListAsync(default, Cancel).ReturnsForAnyArgs(_ =>
        {
            if (++refreshes == 3)
                refreshed.TrySetResult();
            return Task.FromResult<IReadOnlyList<Block>>([]);
        });
        var list = new BlockList(new BlockRules(), new PostedEvents(), _time);
        await using var upkeep = await StartAsync(
            services =>
            {
                services.AddBlockUpkeep();
                services.AddAuditUpkeep();
            },
            list);
        await GoOnUntilAsync(refreshed.Task);

        await _leases.Received().TryTakeAsync("audit-clean-up", Arg.Any<TimeSpan>(), Arg.Any<CancellationToken>());
        await _store.DidNotReceiveWithAnyArgs().RemoveEndedAsync(default, default, Cancel);
        await _log.DidNotReceiveWithAnyArgs().RemoveAsync(default, default, Cancel);
    }

    private async Task<Running> StartAsync(Action<IServiceCollection> add, BlockList? list = null, SecurityEvents? events = null)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(_time).AddSingleton(_leases).AddSingleton(_log).AddSingleton(Keeping);
        services.AddSingleton(new BlockRefreshing(TimeSpan.FromSeconds(5)));
        services.AddSingleton(new BlockSynchronization(list ?? new BlockList(new BlockRules(), new PostedEvents(), _time), _store, _leases, _time));
        services.AddSingleton(new SecurityEventWriter(events ?? new SecurityEvents(Keeping, _time), _log, Keeping, NullLogger<SecurityLog>.Instance));
        add(services);
        var running = new Running(services.BuildServiceProvider());
        await running.StartAsync();
        return running;
    }

    // The timers are made on another thread than the one that starts the loops, so time goes on until it was heard; where a loop ended, for ever.
    private async Task GoOnUntilAsync(Task done)
    {
        for (var i = 0; i < 300 && !done.IsCompleted; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(5));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancel);
        }

        Assert.True(done.IsCompleted, "The loop has ended.");
    }

    /// <summary>What was registered, from its start to its end.</summary>
    private sealed class Running(ServiceProvider services) : IAsyncDisposable
    {
        public async Task StartAsync()
        {
            foreach (var work in services.GetServices<IHostedService>())
                await work.StartAsync(Cancel);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var work in services.GetServices<IHostedService>().Reverse())
                await work.StopAsync(Cancel);
            await services.DisposeAsync();
        }
    }
}
