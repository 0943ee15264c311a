using Xunit;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>Waiting for what happens soon, never longer than a deadline and never for a fixed time.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>The first result that is not null; fails the test when there is none in time.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T?>> probe, string what, TimeSpan? patience = null)
        where T : class
    {
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < (patience ?? Patience))
        {
            if (await probe() is { } result)
                return result;
            await PauseAsync();
        }

        throw new TimeoutException($"Waited {patience ?? Patience} in vain: {what}.");
    }

    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan? patience = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, patience);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? patience = null) =>
        await GetAsync(async () => await condition() ? what : null, what, patience);

    public static Task PauseAsync() => PauseAsync(Interval);

    public static Task PauseAsync(TimeSpan interval) => Task.Delay(interval, TimeProvider.System, TestContext.Current.CancellationToken);
}
