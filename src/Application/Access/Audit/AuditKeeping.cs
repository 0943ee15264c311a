namespace IotBackend.Application.Access.Audit;

/// <summary>How much of the audit log is kept.</summary>
/// <param name="Retention">Older entries are removed.</param>
/// <param name="EventsAMinute">The most different security events of a minute that are listed one by one, of each <see cref="EventSource"/>.</param>
public sealed record AuditKeeping(TimeSpan Retention, int EventsAMinute)
{
    public static AuditKeeping Default { get; } = new(TimeSpan.FromDays(365), 120);
}
