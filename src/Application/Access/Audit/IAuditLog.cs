using IotBackend.Application.ApiKeys;

namespace IotBackend.Application.Access.Audit;

/// <summary>Where the audit log is kept.</summary>
public interface IAuditLog
{
    /// <summary>Stores an entry and returns its id.</summary>
    /// <exception cref="KeyStoreUnavailableException">It can not be stored now.</exception>
    Task<long> AddAsync(AuditEntry entry, CancellationToken cancellationToken);

    /// <summary>Writes what became of an act whose entry was stored when it began.</summary>
    /// <exception cref="KeyStoreUnavailableException">It can not be stored now.</exception>
    Task CompleteAsync(AuditEntry entry, CancellationToken cancellationToken);

    /// <summary>Stores entries, all or none, and returns their ids in the same order.</summary>
    /// <exception cref="KeyStoreUnavailableException">They can not be stored now.</exception>
    Task<IReadOnlyList<long>> AddAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken);

    /// <summary>Writes how many each of the stored entries stands for.</summary>
    /// <exception cref="KeyStoreUnavailableException">It can not be stored now.</exception>
    Task CountAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken);

    /// <summary>Some entries, the newest first.</summary>
    /// <exception cref="KeyStoreUnavailableException">The log can not be read now.</exception>
    Task<IReadOnlyList<AuditEntry>> ListAsync(AuditFilter filter, CancellationToken cancellationToken);

    /// <summary>Removes some of the entries before the time, the oldest first, and returns how many.</summary>
    /// <exception cref="KeyStoreUnavailableException">They can not be removed now.</exception>
    Task<int> RemoveAsync(DateTimeOffset before, int most, CancellationToken cancellationToken);
}

/// <summary>Which entries a list holds; what is null does not matter.</summary>
/// <param name="ActorId">Of a key.</param>
/// <param name="Outcome">A code, or <see cref="Open"/> for entries without one.</param>
/// <param name="From">The first time.</param>
/// <param name="To">The first time that is too late.</param>
/// <param name="Before">Only entries with a smaller id.</param>
/// <param name="Limit">At most so many.</param>
public sealed record AuditFilter(
    string? ActorId, string? Action, string? ObjectKind, string? ObjectId, string? Outcome, string? Address, DateTimeOffset? From, DateTimeOffset? To, long? Before, int Limit)
{
    /// <summary>Stands for an act that goes on, or was cut off.</summary>
    public const string Open = "open";
}
