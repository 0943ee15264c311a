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
}
