using IotBackend.Application.ApiKeys;
using IotBackend.Application.Nodes;

namespace IotBackend.Application.Access.Blocks;

/// <summary>Stores what rules have blocked here, and takes over what other nodes have blocked and lifted. One run at a time.</summary>
public sealed class BlockSynchronization(BlockList blocks, IBlockStore store, ILeases leases, TimeProvider time, INodeMessages? messages = null) : IDisposable
{
    /// <summary>Where nodes tell each other that what is stored has changed; the message says nothing.</summary>
    public const string Topic = "blocks";

    private const int MostChanges = 1_000;

    private static readonly TimeSpan CleaningInterval = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private long? _cleanedAt;

    /// <summary>One round. While the key store does not answer, what holds here goes on holding.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            blocks.ForgetEnded();
            await StoreAsync(cancellationToken);
            blocks.BeginRefresh();
            blocks.Refresh(await store.ListAsync(time.GetUtcNow() - BlockRules.QuietTime, cancellationToken));
            await CleanAsync(cancellationToken);
        }
        catch (KeyStoreUnavailableException)
        {
            // The key store has told of its outage itself; the next round tries again.
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task StoreAsync(CancellationToken cancellationToken)
    {
        var changes = blocks.TakePending(MostChanges);
        try
        {
            foreach (var lifted in changes.Where(change => change.IsLifted))
                await store.RemoveAsync(lifted.Block, cancellationToken);

            Block[] added = [.. changes.Where(change => !change.IsLifted).Select(change => change.Block)];
            if (added.Length > 0)
                await store.SaveAsync(added, cancellationToken);
        }
        catch
        {
            // Whatever went wrong: what holds here is to be stored.
            blocks.GiveBack(changes);
            throw;
        }

        if (changes.Count > 0)
            messages?.Publish(Topic, ReadOnlyMemory<byte>.Empty);
    }

    private async Task CleanAsync(CancellationToken cancellationToken)
    {
        if (_cleanedAt is { } last && time.GetElapsedTime(last) < CleaningInterval)
            return;
        _cleanedAt = time.GetTimestamp();

        // By one of the nodes that share the blocks.
        if (!await leases.TryTakeForAsync("block-clean-up", CleaningInterval, cancellationToken))
            return;
        var now = time.GetUtcNow();
        await store.RemoveEndedAsync(now, now - BlockRules.QuietTime, cancellationToken);
    }
}
