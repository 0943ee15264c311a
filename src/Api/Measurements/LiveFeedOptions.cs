using System.ComponentModel.DataAnnotations;
using IotBackend.Application.Measurements.Live;

namespace IotBackend.Api.Measurements;

/// <summary>Section <c>Measurements:Live</c>: what is told to those who watch.</summary>
public sealed class LiveFeedOptions
{
    public const string Section = "Measurements:Live";

    /// <summary>Bytes of recent events that are kept while somebody watches.</summary>
    [Range(1 << 20, 1L << 34)]
    public long BufferBytes { get; set; } = 16 << 20;

    /// <summary>Streams at a time.</summary>
    [Range(1, 100_000)]
    public int MaxStreams { get; set; } = 2_000;

    /// <summary>Streams at a time of one key.</summary>
    [Range(1, 100_000)]
    public int MaxStreamsPerKey { get; set; } = 100;

    /// <summary>Seconds without an event after which a stream says that it is alive.</summary>
    [Range(0.05, 300d)]
    public double HeartbeatSeconds { get; set; } = 15;

    internal LiveFeedSettings ToSettings() => new(BufferBytes);
}
