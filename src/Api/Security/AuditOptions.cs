using System.ComponentModel.DataAnnotations;
using IotBackend.Application.Access.Audit;

namespace IotBackend.Api.Security;

/// <summary>Section <c>Audit</c>.</summary>
public sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>Days that entries are kept.</summary>
    [Range(1, 36_500)]
    public int RetentionDays { get; set; } = 365;

    /// <summary>The most different security events of a minute that are listed one by one; what is beyond is counted in one entry.</summary>
    [Range(1, 10_000)]
    public int EventsAMinute { get; set; } = 120;

    public AuditKeeping ToKeeping() => new(TimeSpan.FromDays(RetentionDays), EventsAMinute);
}
