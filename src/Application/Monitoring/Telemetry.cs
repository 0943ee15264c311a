using System.Diagnostics;
using System.Diagnostics.Metrics;
using IotBackend.Application.Caching;

namespace IotBackend.Application.Monitoring;

/// <summary>The names under which traces and metrics are published; exporters subscribe to them.</summary>
public static class Telemetry
{
    public const string Name = "IotBackend";

    public static readonly ActivitySource Source = new(Name);

    public static readonly Meter Meter = new(Name);

    /// <summary>Seconds a request spent in the pipeline, by request type and outcome code.</summary>
    public static readonly Histogram<double> RequestDuration =
        Meter.CreateHistogram<double>("iotbackend.request.duration", "s", "Time of a request in the pipeline.");

    public static readonly Counter<long> MeasurementsAccepted =
        Meter.CreateCounter<long>("iotbackend.measurements.accepted", "{measurement}", "Measurements stored or queued.");

    public static readonly Counter<long> MeasurementsRejected =
        Meter.CreateCounter<long>("iotbackend.measurements.rejected", "{measurement}", "Measurements refused.");

    /// <summary>Answers of queries that may come from the cache, by outcome: <c>hit</c>, <c>miss</c>, <c>collapsed</c> or <c>stale</c>.</summary>
    public static readonly Counter<long> CacheRequests =
        Meter.CreateCounter<long>("iotbackend.cache.requests", "{request}", "Answers that were cached, made, waited for, or stale.");

    private static readonly KeyValuePair<string, object?>[] CacheOutcomes =
        [.. Enum.GetNames<CacheOutcome>().Select(name => KeyValuePair.Create<string, object?>("outcome", name.ToLowerInvariant()))];

    public static KeyValuePair<string, object?> TagOf(CacheOutcome outcome) => CacheOutcomes[(int)outcome];
}
