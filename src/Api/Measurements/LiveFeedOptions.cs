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

    internal LiveFeedSettings ToSettings() => new(BufferBytes);
}
