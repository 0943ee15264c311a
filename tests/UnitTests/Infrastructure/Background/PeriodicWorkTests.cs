using IotBackend.Application.ApiKeys;
using IotBackend.Infrastructure.Background;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Background;

public sealed class PeriodicWorkTests : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new();
    private readonly ILogger<PeriodicWork> _logger = Substitute.For<ILogger<PeriodicWork>>();
    private readonly SemaphoreSlim _done = new(0);
    private readonly List<PeriodicWork> _works = [];

    public PeriodicWorkTests() => _logger.IsEnabled(default).ReturnsForAnyArgs(true);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _works.ForEach(work => work.Dispose());
        _done.Dispose();
    }

    [Fact]
    public async Task What_fails_is_done_again_the_next_time()
    {
        var work = await StartAsync(_ => throw new KeyStoreUnavailableException("down", null), atTheEnd: true);
        await TickAsync();
        await TickAsync();
        Assert.Equal(0, Logged());

        // The last attempt has no next one, and so is told.
        await work.StopAsync(Cancel);
        Assert.Equal(1, Logged());
    }

    [Fact]
    public async Task Bug_in_it_is_told_and_ends_nothing()
    {
        await StartAsync(_ => throw new InvalidOperationException("a bug"), atTheEnd: false);
        await TickAsync();
        await TickAsync();
        Assert.Equal(2, Logged());
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task It_is_done_once_more_at_the_end_when_asked_for(bool atTheEnd, int times)
    {
        var count = 0;
        var work = await StartAsync(
            _ =>
            {
                count++;
                return Task.CompletedTask;
            },
            atTheEnd);

        await work.StopAsync(Cancel);

        Assert.Equal(times, count);
    }

    private async Task<PeriodicWork> StartAsync(Func<CancellationToken, Task> act, bool atTheEnd)
    {
        var work = new PeriodicWork("counting", Every, ActAsync, atTheEnd ? PeriodicTimes.AtEnd : PeriodicTimes.None, _time, _logger);
        _works.Add(work);
        await work.StartAsync(Cancel);
        return work;

        async Task ActAsync(CancellationToken cancellationToken)
        {
            try
            {
                await act(cancellationToken);
            }
            finally
            {
                _done.Release();
            }
        }
    }

    // The timer is made on another thread than the one that starts the work, so time goes on until it was heard.
    private async Task TickAsync()
    {
        while (!await _done.WaitAsync(TimeSpan.FromMilliseconds(20), Cancel))
            _time.Advance(Every);
    }

    private int Logged() => _logger.ReceivedCalls().Count(call => call.GetMethodInfo().Name == nameof(ILogger.Log));
}
