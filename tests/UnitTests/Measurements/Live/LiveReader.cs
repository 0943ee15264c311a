using IotBackend.Application.Measurements.Live;
using Xunit;

namespace IotBackend.UnitTests.Measurements.Live;

/// <summary>One who watches, step by step.</summary>
internal sealed class LiveReader(LiveSubscription subscription) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IAsyncEnumerator<LiveEvent> _events = subscription.ReadAllAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
    private Task<bool>? _waiting;

    public LiveSubscription Subscription => subscription;

    /// <summary>The next event, which is there or will come.</summary>
    public async Task<LiveEvent> NextAsync()
    {
        _waiting ??= _events.MoveNextAsync().AsTask();
        var hasNext = await _waiting.WaitAsync(Patience, TimeProvider.System);
        _waiting = null;
        Assert.True(hasNext, "There are no more events.");
        return _events.Current;
    }

    public async Task<IReadOnlyList<LiveEvent>> NextAsync(int count)
    {
        var events = new List<LiveEvent>();
        while (events.Count < count)
            events.Add(await NextAsync());
        return events;
    }

    /// <summary>True when nothing is there to be read now.</summary>
    public bool IsWaiting()
    {
        _waiting ??= _events.MoveNextAsync().AsTask();
        return !_waiting.IsCompleted;
    }

    /// <summary>Fails unless the reader has been told its last event.</summary>
    public async Task AssertEndAsync() => Assert.False(await _events.MoveNextAsync().AsTask().WaitAsync(Patience, TimeProvider.System));

    public ValueTask DisposeAsync()
    {
        subscription.Dispose();
        return ValueTask.CompletedTask;
    }
}
