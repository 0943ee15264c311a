using IotBackend.Domain.Access;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Caching;

/// <summary>Asks a query as a request would, through the whole pipeline, and throws the answer away: what remains is in the cache.</summary>
public interface IQueryRunner
{
    /// <summary>Null when it was answered, or why not.</summary>
    /// <param name="address">Path and query, such as <c>/measurements?device=a</c>.</param>
    /// <param name="caller">In whose name; it counts against his limits.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<Error?> RunAsync(string address, Caller caller, CancellationToken cancellationToken);
}
