using System.Diagnostics;
using System.Diagnostics.Metrics;

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
}
