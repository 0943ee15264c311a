using IotBackend.Domain.Results;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.Application.Caching;

/// <summary>
/// Lasting answers that nodes share by FusionCache's second level, so that one that has just started does not ask the database for what its neighbour knows.
/// The epoch is part of their key: an answer that a late write has changed is never found again. docs/caching.md tells why that is enough.
/// </summary>
/// <param name="cache">The cache named <see cref="AnswerCache.Name"/>.</param>
/// <param name="settings">How long answers serve.</param>
/// <param name="time">The clock.</param>
/// <param name="epochs">Null where there is one node.</param>
/// <param name="isInBackground">False for tests, which look for what was shared at once.</param>
public sealed class SharedAnswers(IFusionCache cache, AnswerCaching settings, TimeProvider time, IAnswerEpochs? epochs = null, bool isInBackground = true)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    // What is here lies in the first level already, under a generation.
    private readonly FusionCacheEntryOptions _options = new FusionCacheEntryOptions(settings.ClosedLifetime)
    {
        SkipMemoryCacheRead = true,
        SkipMemoryCacheWrite = true,
        SkipBackplaneNotifications = true,
        AllowBackgroundDistributedCacheOperations = isInBackground,
        ReThrowSerializationExceptions = false,
        DistributedCacheSoftTimeout = Patience,
        DistributedCacheHardTimeout = Patience,
    };

    /// <summary>What another node has made of the same, or else what is read now, which others then find.</summary>
    /// <param name="declaration">What is asked for. Its generation was taken before: what makes an answer here outdated meanwhile is told by that.</param>
    /// <param name="isRefresh">What is there is to be made anew.</param>
    /// <param name="read">Reads and renders it.</param>
    /// <param name="cancellationToken">Given up when nobody waits any more.</param>
    public Task<Result<ServedAnswer>> FindOrReadAsync(
        AnswerDeclaration declaration, bool isRefresh, Func<CancellationToken, Task<Result<ServedAnswer>>> read, CancellationToken cancellationToken) =>
        epochs is null || !settings.IsClosed(declaration.Range, time.GetUtcNow())
            ? read(cancellationToken)
            : FindOrReadAsync(epochs, declaration, isRefresh, read, cancellationToken);

    private async Task<Result<ServedAnswer>> FindOrReadAsync(
        IAnswerEpochs shared, AnswerDeclaration declaration, bool isRefresh, Func<CancellationToken, Task<Result<ServedAnswer>>> read, CancellationToken cancellationToken)
    {
        // The epoch first: what is read may not be older.
        if (await shared.ReadAsync(declaration.Bucket, cancellationToken) is not { } epoch)
            return await read(cancellationToken);
        var key = $"{epoch}\n{declaration.Key}";
        if (!isRefresh && await FindAsync(key, cancellationToken) is { } found)
            return found;
        var startedAt = time.GetUtcNow();
        var result = await read(cancellationToken);
        if (result.Error is null && result.Value is { IsLasting: true } made && made.Answer.Body.Length <= settings.MaxAnswerBytes)
            await cache.SetAsync(key, new SharedAnswer(made.Answer.Body.ToArray(), made.Answer.MediaType, startedAt), _options, token: cancellationToken);
        return result;
    }

    private async Task<ServedAnswer?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var found = await cache.TryGetAsync<SharedAnswer>(key, _options, cancellationToken);
        if (!found.HasValue)
            return null;
        var age = time.GetUtcNow() - found.Value.StartedAt;

        // Clocks of nodes differ a little; an answer from the future is as old as none.
        age = age > TimeSpan.Zero ? age : TimeSpan.Zero;
        return age < settings.ClosedLifetime
            ? new ServedAnswer(new Answer(found.Value.Body, found.Value.MediaType), CacheOutcome.Hit, settings.ClosedLifetime - age, age, IsLasting: true)
            : null;
    }
}
