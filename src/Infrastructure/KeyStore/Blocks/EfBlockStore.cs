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

    public async Task<IReadOnlyList<Block>> SaveAsync(IReadOnlyCollection<Block> blocks, CancellationToken cancellationToken)
    {
        try
        {
            return await SaveTogetherAsync(blocks, cancellationToken);
        }
        catch (Exception exception) when (blocks.Count > 1 && KeyStoreOutage.IsConflict(exception))
        {
            // Another node cleans up some of the same rows in another order. Who holds one row only can not stand in each other's way.
            List<Block> left = [];
            foreach (var block in blocks)
                left.AddRange(await SaveTogetherAsync([block], cancellationToken));
            return left;
        }
    }

    public Task RemoveAsync(Block block, CancellationToken cancellationToken)
    {
        var (kind, made) = (BlockKinds.NameOf(block.Kind), block.CreatedAt.UtcDateTime);
        return database.AskAsync(
            context => context.Blocks.Where(row => row.Kind == kind && row.Value == block.Value && (row.Id == block.Id || row.Until <= made))
                .ExecuteDeleteAsync(cancellationToken),
            cancellationToken);
    }

    public async Task RemoveEndedAsync(DateTimeOffset byHandBefore, DateTimeOffset byRuleBefore, CancellationToken cancellationToken)
    {
        try
        {
            await database.AskAsync(context => RemoveAsync(context, byHandBefore.UtcDateTime, byRuleBefore.UtcDateTime, cancellationToken), cancellationToken);
        }
        catch (Exception exception) when (KeyStoreOutage.IsConflict(exception))
        {
            // Another node stores or cleans up some of the same rows in another order. What is left goes the next time.
        }
    }

    private async Task<int> RemoveAsync(KeyStoreContext context, DateTime byHand, DateTime byRule, CancellationToken cancellationToken)
    {
        var removed = await context.Blocks
            .Where(row => (row.Count == 0 && row.Until <= byHand) || (row.Count > 0 && row.Until <= byRule)).ExecuteDeleteAsync(cancellationToken);
        var lastKept = await context.Blocks.Where(row => row.Count > 0)
            .OrderByDescending(row => row.Until).Select(row => row.Until).Skip(rules.MaxBlocks).FirstOrDefaultAsync(cancellationToken);
        return lastKept is null
            ? removed
            : removed + await context.Blocks.Where(row => row.Count > 0 && row.Until <= lastKept).ExecuteDeleteAsync(cancellationToken);
    }

    // One statement that both databases understand: between a question and an answer, another node could store its block in this one's place.
    private Task<IReadOnlyList<Block>> SaveTogetherAsync(IReadOnlyCollection<Block> blocks, CancellationToken cancellationToken) => database.AskAsync<IReadOnlyList<Block>>(
        async context =>
        {
            List<Block> left = [];
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);

            // In one order everywhere, so that two nodes do not wait for each other.
            foreach (var block in blocks.OrderBy(block => block.Kind).ThenBy(block => block.Value, StringComparer.Ordinal))
            {
                var stored = await context.Database.ExecuteSqlAsync(
                    $"""
                    INSERT INTO "blocks" ("Id", "Kind", "Value", "Reason", "CreatedAt", "Until", "Count")
                    VALUES ({block.Id}, {BlockKinds.NameOf(block.Kind)}, {block.Value}, {block.Reason}, {block.CreatedAt.UtcDateTime}, {block.Until?.UtcDateTime}, {block.Count})
                    ON CONFLICT ("Kind", "Value") DO UPDATE SET
                    "Id" = excluded."Id", "Reason" = excluded."Reason", "CreatedAt" = excluded."CreatedAt", "Until" = excluded."Until", "Count" = excluded."Count"
                    WHERE "blocks"."Count" > 0 OR "blocks"."Until" <= excluded."CreatedAt" OR "blocks"."Id" = excluded."Id"
                    """,
                    cancellationToken);
                if (stored == 0)
                    left.Add(block);
            }

            await transaction.CommitAsync(cancellationToken);
            return left;
        },
        cancellationToken);

    private static Block ToBlock(BlockRow row) => new(
        row.Id, BlockKinds.TryParse(row.Kind) ?? BlockKind.Address, row.Value, row.Reason, row.CreatedAt, row.Until is { } until ? new DateTimeOffset(until) : null, row.Count);
}
