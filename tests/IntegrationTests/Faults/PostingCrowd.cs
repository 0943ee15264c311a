using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>
/// Clients that post side by side until they are stopped or the server is gone. A refusal ends a client, so that each of them tells the
/// last thing it was answered.
/// </summary>
internal sealed class PostingCrowd
{
    private static int _crowds;

    private readonly Ledger _ledger;
    private readonly List<Poster> _posters;
    private readonly List<Task<HttpResponseMessage?>> _posting;
    private bool _isOver;

    public PostingCrowd(IotServer server, Ledger ledger, params int[] batchSizes)
    {
        _ledger = ledger;
        var crowd = Interlocked.Increment(ref _crowds);
        _posters = [.. batchSizes.Select((size, i) => new Poster(server.Client(), ledger, $"crowd-{crowd}-{i}", size))];
        _posting = [.. _posters.Select(poster => poster.PostUntilAsync(() => Volatile.Read(ref _isOver)))];
    }

    /// <summary>Requests that were answered 202.</summary>
    public int Queued => _posters.Sum(poster => poster.Queued);

    /// <summary>Waits until so many more measurements are acknowledged.</summary>
    public async Task AdvanceAsync(int measurements)
    {
        var goal = _ledger.Acknowledged + measurements;
        await Eventually.TrueAsync(() => _ledger.Acknowledged >= goal || HasEnded, "posting goes on", InfluxStack.Patience);
    }

    /// <summary>Waits until so many more requests are answered 202.</summary>
    public async Task QueueAsync(int requests)
    {
        var goal = Queued + requests;
        await Eventually.TrueAsync(() => Queued >= goal || HasEnded, "requests are queued", InfluxStack.Patience);
    }

    /// <summary>Stops all and waits for them; returns the answers that were no acknowledgement.</summary>
    public async Task<IReadOnlyList<HttpResponseMessage>> StopAsync()
    {
        Volatile.Write(ref _isOver, true);
        return await EndAsync();
    }

    /// <summary>Waits until every client was refused, or the server was gone; returns the answers that were no acknowledgement.</summary>
    public async Task<IReadOnlyList<HttpResponseMessage>> EndAsync()
    {
        var answers = await Task.WhenAll(_posting).WaitAsync(InfluxStack.Patience, TimeProvider.System);
        return [.. answers.OfType<HttpResponseMessage>()];
    }

    /// <summary>As <see cref="StopAsync"/>, and fails if any post was not acknowledged.</summary>
    public async Task StopUnrefusedAsync()
    {
        foreach (var refused in await StopAsync())
            Assert.Fail($"A post was answered {(int)refused.StatusCode}: {await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
    }

    private bool HasEnded => _posting.All(posting => posting.IsCompleted);
}
