using System.ComponentModel.DataAnnotations;
using IotBackend.Application.Caching;

namespace IotBackend.Infrastructure.Caching;

/// <summary>Section <c>Cache</c>.</summary>
public sealed class CacheOptions
{
    public const string Section = "Cache";

    private const long BytesPerMegabyte = 1 << 20;

    /// <summary>Megabytes of answers in memory.</summary>
    [Range(1, 65_536)]
    public int MemoryMegabytes { get; set; } = 64;

    /// <summary>Seconds that a measurement usually is old at most when it comes. A range that ended longer ago is cached for long.</summary>
    [Range(60, 31_536_000)]
    public int LatenessSeconds { get; set; } = 3_600;

    /// <summary>Minutes that an answer about such a range serves; 0: no longer than any other.</summary>
    [Range(0, 1_440)]
    public int ClosedMinutes { get; set; } = 60;

    /// <summary>Seconds beyond its time that an answer serves while the store does not answer; 0: not at all.</summary>
    [Range(0, 3_600)]
    public int StaleSeconds { get; set; } = 60;

    public AnswerCaching ToCaching() => new(
        TimeSpan.FromSeconds(LatenessSeconds),
        ClosedMinutes == 0 ? AnswerCaching.OpenLifetime : TimeSpan.FromMinutes(ClosedMinutes),
        TimeSpan.FromSeconds(StaleSeconds),
        MemoryMegabytes * BytesPerMegabyte);
}
