using IotBackend.Application.Measurements.Idempotency;
using IotBackend.Application.Nodes;
using IotBackend.Infrastructure.KeyStore.Idempotency;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Xunit;

namespace IotBackend.UnitTests.KeyStore;

/// <summary>How old idempotency keys are forgotten in the background.</summary>
public sealed class IdempotencyUpkeepTests : IAsyncDisposable
{
    private static readonly IdempotencyRules Rules = new(TimeSpan.FromHours(24), 100, 1_000, TimeSpan.FromSeconds(60));

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 20, 44, 0, TimeSpan.Zero));
    private readonly IIdempotencyStore _store = Substitute.For<IIdempotencyStore>();
    private readonly ILeases _leases = Substitute.For<ILeases>();
    private readonly ServiceProvider _services;

    public IdempotencyUpkeepTests() => _services = new ServiceCollection()
        .AddLogging()
        .AddSingleton<TimeProvider>(_time)
        .AddSingleton(Rules)
        .AddSingleton(_store)
        .AddSingleton(_leases)
        .AddIdempotency()
        .BuildServiceProvider();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Old_ones_and_those_beyond_the_most_go_in_portions_until_none_is_left()
    {
        var (old, beyond) = (3, 2);
        var done = new TaskCompletionSource();
        _leases.TryTakeAsync(default!, default, Cancel).ReturnsForAnyArgs(true);
        _store.RemoveAsync(default, default, Cancel).ReturnsForAnyArgs(call =>
        {
            Assert.True(_time.GetUtcNow() - call.Arg<DateTimeOffset>() >= Rules.Retention);
            return Task.FromResult(Math.Max(0, old--));
        });
        _store.RemoveBeyondAsync(Rules.MostOfAKey, Rules.MostBytesOfAKey, Arg.Any<int>(), Arg.Any<CancellationToken>()).Returns(_ =>
        {
            if (beyond == 0)
                done.TrySetResult();
            return Task.FromResult(Math.Max(0, beyond--));
        });

        await RunUntilAsync(done.Task);

        Assert.True(old < 0 && beyond < 0);
    }

    [Fact]
    public async Task Node_without_the_lease_leaves_it_to_the_other()
    {
        var asked = new TaskCompletionSource();
        _leases.TryTakeAsync(default!, default, Cancel).ReturnsForAnyArgs(_ =>
        {
            asked.TrySetResult();
            return false;
        });

        await RunUntilAsync(asked.Task);

        await _store.DidNotReceiveWithAnyArgs().RemoveAsync(default, default, Cancel);
        await _store.DidNotReceiveWithAnyArgs().RemoveBeyondAsync(default, default, default, Cancel);
    }

    // The timer is made on another thread than the one that starts the work, so time goes on until it was heard.
    private async Task RunUntilAsync(Task done)
    {
        var work = _services.GetRequiredService<IHostedService>();
        await work.StartAsync(Cancel);
        for (var i = 0; i < 1_000 && !done.IsCompleted; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancel);
        }

        Assert.True(done.IsCompleted, "It was not done.");
        await work.StopAsync(Cancel);
    }
}
