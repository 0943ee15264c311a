using IotBackend.Performance.Report;

namespace IotBackend.Performance;

/// <summary>One of the measurements of the table.</summary>
internal interface IBenchmark
{
    /// <summary>P1, P2, …</summary>
    string Id { get; }

    Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken);
}
