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

    /// <summary>Answers made anew in the background before their end.</summary>
    public static readonly Counter<long> CacheRefreshes =
        Meter.CreateCounter<long>("iotbackend.cache.refreshed", "{answer}", "Answers made anew before their end.");

    /// <summary>Messages to other nodes that were not sent; these are told that they missed some.</summary>
    public static readonly Counter<long> NodeMessagesDropped =
        Meter.CreateCounter<long>("iotbackend.nodes.dropped", "{message}", "Messages to other nodes that were not sent.");

    /// <summary>Messages of other nodes in a format that this version does not know.</summary>
    public static readonly Counter<long> NodeMessagesNotUnderstood =
        Meter.CreateCounter<long>("iotbackend.nodes.not_understood", "{message}", "Messages of other nodes that were left alone.");

    /// <summary>Questions to Redis that were not answered in time, while it was not away altogether.</summary>
    public static readonly Counter<long> RedisUnanswered =
        Meter.CreateCounter<long>("iotbackend.redis.unanswered", "{question}", "Questions to Redis that were not answered in time.");

    private static readonly KeyValuePair<string, object?>[] CacheOutcomes =
        [.. Enum.GetNames<CacheOutcome>().Select(name => KeyValuePair.Create<string, object?>("outcome", name.ToLowerInvariant()))];

    public static KeyValuePair<string, object?> TagOf(CacheOutcome outcome) => CacheOutcomes[(int)outcome];
}
