namespace IotBackend.Application.Caching;

/// <summary>The small list of the most asked queries, kept beyond the end of the process.</summary>
public interface IAskedQueryFile
{
    /// <summary>Empty when there is none, or none that can be read.</summary>
    ValueTask<IReadOnlyList<CountedQuery>> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Replaces it as a whole. That it could not be kept is told to the log and no harm.</summary>
    ValueTask SaveAsync(IReadOnlyList<CountedQuery> queries, CancellationToken cancellationToken);
}
