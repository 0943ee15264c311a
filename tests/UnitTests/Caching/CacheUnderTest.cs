using IotBackend.Application.Caching;
using IotBackend.Application.Nodes;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Caching;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.UnitTests.Caching;

/// <summary>The cache of answers as the program has it, with a clock of its own.</summary>
internal sealed class CacheUnderTest : IDisposable
{
    private readonly FusionCache _fusion;

    public CacheUnderTest(AnswerCaching? settings = null, INodeMessages? messages = null)
    {
        var caching = settings ?? TestAnswers.Settings;
        Memory = new AnswerMemory(caching);
        _fusion = new FusionCache(Options.Create(new FusionCacheOptions { CacheName = AnswerCache.Name, DisableTagging = true }), Memory.Cache);
        Memory.Watch(_fusion);
        Messages = messages ?? new SingleNode();
        Log.IsEnabled(default).ReturnsForAnyArgs(true);
        Invalidation = new AnswerInvalidation(Generations, Messages, Warming, caching, Time);
        Cache = new AnswerCache(_fusion, Generations, Messages, Memory, caching, Time, Log);
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddDays(20_000));

    public INodeMessages Messages { get; }

    public ILogger<AnswerCache> Log { get; } = Substitute.For<ILogger<AnswerCache>>();

    public CacheWarming Warming { get; } = new();

    public AnswerMemory Memory { get; }

    public AnswerGenerations Generations { get; } = new();

    public AnswerInvalidation Invalidation { get; }

    public AnswerCache Cache { get; }

    /// <summary>As the pipeline asks.</summary>
    public async Task<Result<ServedAnswer>> AskAsync(
        AnswerDeclaration declaration, Func<CancellationToken, Task<Result<ServedAnswer>>> read, CancellationToken cancellationToken)
    {
        var generation = Cache.Watch(declaration);
        if (Cache.Find(declaration.Key, generation, out var isToBeRefreshed) is not { } found)
            return await Cache.MakeAsync(declaration.Key, generation, read, cancellationToken);
        if (isToBeRefreshed)
            Cache.Refresh(declaration.Key, generation, read);
        return found;
    }

    public void Dispose()
    {
        Invalidation.Dispose();
        Warming.Dispose();
        _fusion.Dispose();
        Memory.Dispose();
    }
}
