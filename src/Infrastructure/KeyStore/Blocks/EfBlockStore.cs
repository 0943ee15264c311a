using IotBackend.Application.Access.Blocks;
using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore.Blocks;

/// <summary>Blocks in the key store's database.</summary>
internal sealed class EfBlockStore(KeyStoreDatabase database, BlockRules rules) : IBlockStore
{
    public Task<IReadOnlyList<Block>> ListAsync(DateTimeOffset endsAfter, CancellationToken cancellationToken)
    {
        var time = endsAfter.UtcDateTime;
        return database.AskAsync<IReadOnlyList<Block>>(
            async context =>
            {
                // All that were made by hand, and of the others as many as a node keeps.
                var byHand = await context.Blocks.AsNoTracking().Where(row => row.Count == 0 && (row.Until == null || row.Until > time)).ToListAsync(cancellationToken);
                var byRule = await context.Blocks.AsNoTracking().Where(row => row.Count > 0 && row.Until > time)
                    .OrderByDescending(row => row.Until).Take(rules.MaxBlocks).ToListAsync(cancellationToken);
                return [.. byHand.Concat(byRule).Select(ToBlock)];
            },
            cancellationToken);
    }

    public async Task SaveAsync(IReadOnlyCollection<Block> blocks, CancellationToken cancellationToken)
    {
        if (await TrySaveAsync(blocks, cancellationToken) || blocks.Count == 1)
            return;

        // Another node has blocked some of them at the same moment, or a person has: they are blocked, which was to be.
        foreach (var block in blocks)
            await TrySaveAsync([block], cancellationToken);
    }

    public Task RemoveAsync(BlockTarget target, CancellationToken cancellationToken)
    {
        var kind = BlockKinds.NameOf(target.Kind);
        return database.AskAsync(
            context => context.Blocks.Where(row => row.Kind == kind && row.Value == target.Value).ExecuteDeleteAsync(cancellationToken), cancellationToken);
    }

    public Task RemoveEndedAsync(DateTimeOffset byHandBefore, DateTimeOffset byRuleBefore, CancellationToken cancellationToken)
    {
        var (byHand, byRule) = (byHandBefore.UtcDateTime, byRuleBefore.UtcDateTime);
        return database.AskAsync(
            async context =>
            {
                var removed = await context.Blocks
                    .Where(row => (row.Count == 0 && row.Until <= byHand) || (row.Count > 0 && row.Until <= byRule)).ExecuteDeleteAsync(cancellationToken);
                var lastKept = await context.Blocks.Where(row => row.Count > 0)
                    .OrderByDescending(row => row.Until).Select(row => row.Until).Skip(rules.MaxBlocks).FirstOrDefaultAsync(cancellationToken);
                return lastKept is null
                    ? removed
                    : removed + await context.Blocks.Where(row => row.Count > 0 && row.Until <= lastKept).ExecuteDeleteAsync(cancellationToken);
            },
            cancellationToken);
    }

    private async Task<bool> TrySaveAsync(IReadOnlyCollection<Block> blocks, CancellationToken cancellationToken)
    {
        try
        {
            return await database.AskAsync(
                async context =>
                {
                    await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
                    foreach (var block in blocks)
                    {
                        var (kind, isByHand) = (BlockKinds.NameOf(block.Kind), block.IsByHand);
                        await context.Blocks.Where(row => row.Kind == kind && row.Value == block.Value && (isByHand || row.Count > 0))
                            .ExecuteDeleteAsync(cancellationToken);
                        context.Blocks.Add(ToRow(block));
                    }

                    await context.SaveChangesAsync(cancellationToken);
                    await transaction.CommitAsync(cancellationToken);
                    return true;
                },
                cancellationToken);
        }
        catch (DbUpdateException exception) when (KeyStoreOutage.IsConflict(exception))
        {
            return false;
        }
    }

    private static Block ToBlock(BlockRow row) => new(
        row.Id, BlockKinds.TryParse(row.Kind) ?? BlockKind.Address, row.Value, row.Reason, row.CreatedAt, row.Until is { } until ? new DateTimeOffset(until) : null, row.Count);

    private static BlockRow ToRow(Block block) => new()
    {
        Id = block.Id,
        Kind = BlockKinds.NameOf(block.Kind),
        Value = block.Value,
        Reason = block.Reason,
        CreatedAt = block.CreatedAt.UtcDateTime,
        Until = block.Until?.UtcDateTime,
        Count = block.Count,
    };
}
