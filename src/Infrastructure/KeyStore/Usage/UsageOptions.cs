using System.ComponentModel.DataAnnotations;

namespace IotBackend.Infrastructure.KeyStore.Usage;

/// <summary>Section <c>Usage</c>.</summary>
public sealed class UsageOptions
{
    public const string Section = "Usage";

    /// <summary>Days that usage by hour is kept.</summary>
    [Range(2, 3_660)]
    public int HoursKeptDays { get; set; } = 90;

    /// <summary>Days that usage by day is kept.</summary>
    [Range(31, 36_600)]
    public int DaysKeptDays { get; set; } = 731;
}
