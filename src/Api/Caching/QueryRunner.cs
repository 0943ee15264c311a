using IotBackend.Api.Measurements;
using IotBackend.Api.Security;
using IotBackend.Application.Caching;
using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using MediatR;
using Microsoft.AspNetCore.WebUtilities;

namespace IotBackend.Api.Caching;

/// <summary>Asks the queries that are cached, by their addresses and without a request.</summary>
internal sealed class QueryRunner(IServiceScopeFactory scopes, TimeProvider time) : IQueryRunner
{
    public async ValueTask<Error?> RunAsync(string address, Caller caller, CancellationToken cancellationToken)
    {
        var start = address.IndexOf('?', StringComparison.Ordinal);
        var (path, queryString) = start < 0 ? (address, string.Empty) : (address[..start], address[start..]);

        // A line feed would end the address within the cache's key.
        if (path is not (MeasurementParameters.MeasurementsPath or MeasurementParameters.LatestPath) || address.Any(char.IsControl))
            return NotAQuery;
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Set(caller, null, string.Empty);
        var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
        var query = new QueryCollection(QueryHelpers.ParseQuery(queryString));
        var parameters = new MeasurementParameters(query, Timestamp.From(time.GetUtcNow()));
        var result = path == MeasurementParameters.LatestPath
            ? await mediator.Send(parameters.ReadLatest(queryString), cancellationToken)
            : MeasurementParameters.AskForAggregates(query)
                ? await mediator.Send(parameters.AggregateMeasurements(queryString), cancellationToken)
                : await mediator.Send(parameters.ReadMeasurements(queryString), cancellationToken);
        return result.Error;
    }

    private static Error NotAQuery { get; } = Error.Invalid(
    [
        new Fault("queries", ErrorCodes.InvalidParameter, $"A query begins with {MeasurementParameters.MeasurementsPath} or {MeasurementParameters.LatestPath}, such as {MeasurementParameters.MeasurementsPath}?device=a&from=-7d."),
    ]);
}
