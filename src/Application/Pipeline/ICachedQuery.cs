namespace IotBackend.Application.Pipeline;

/// <summary>A query whose answer may be reused for a while. Read by <see cref="CachingBehavior{TRequest,TResponse}"/>.</summary>
public interface ICachedQuery
{
    CacheDeclaration Cache { get; }
}

/// <param name="Key">Tells this query's answer from every other's, including what the caller may see.</param>
/// <param name="Lifetime">How long the answer may be reused.</param>
/// <param name="Tags">By which the answer is found when it has to be forgotten.</param>
public sealed record CacheDeclaration(string Key, TimeSpan Lifetime, IReadOnlyList<string> Tags);
