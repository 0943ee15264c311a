namespace IotBackend.Infrastructure.KeyStore;

/// <summary>Opens the key store's database before the first request: creates, checks and migrates it.</summary>
internal interface IKeyStoreStart
{
    /// <exception cref="StorageStartException">The database can not be used, or is of a newer program.</exception>
    Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Makes sure that there is a database already.</summary>
    /// <exception cref="StorageStartException">There is none.</exception>
    Task RequireAsync(CancellationToken cancellationToken);
}
