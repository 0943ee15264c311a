using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;

namespace IotBackend.Application.ApiKeys;

/// <summary>Makes the keys that no other key could make: the first, and the one that replaces a lost one.</summary>
public sealed class AdminKeys(IApiKeyStore store, IKeyGenerator generator, IAdminKeyFile file, TimeProvider time)
{
    /// <summary>
    /// Makes sure that there is an admin key. A given one (from the environment) is stored when it is new; without one,
    /// a key is made, and written to its file, when no active admin key exists.
    /// </summary>
    /// <returns>The key that was made now; null when there was one, or when it was given.</returns>
    public async Task<Result<string?>> EnsureFirstAsync(string? given, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(given))
            return await AdoptAsync(given, cancellationToken);
        if (await store.HasActiveAdminAsync(time.GetUtcNow(), cancellationToken))
            return Result<string?>.Success(null);
        return await ReplaceAsync(cancellationToken);
    }

    /// <summary>Makes a further admin key, stores it and writes it to its file; the others stay as they are.</summary>
    public async Task<string> ReplaceAsync(CancellationToken cancellationToken)
    {
        var key = generator.Create();

        // The file first: a key that is stored but shown nowhere would be lost, the other way round it is made anew.
        file.Write(key);
        await store.AddAsync(Describe(key), cancellationToken);
        return key;
    }

    private async Task<Result<string?>> AdoptAsync(string given, CancellationToken cancellationToken)
    {
        if (!ApiKeyToken.TryParse(given, out var id, out _))
            return Wrong("is not a well-formed key");
        var existing = await store.FindAsync(id.ToString(), cancellationToken);
        if (existing is null)
            await store.AddAsync(Describe(given), cancellationToken);
        else if (!existing.SecretHash.Span.SequenceEqual(Describe(given).SecretHash.Span))
            return Wrong("has the id of a key with another secret");
        else if (existing.StatusAt(time.GetUtcNow()) != ApiKeyStatus.Active)
            return Wrong("has been revoked or has expired");
        return Result<string?>.Success(null);
    }

    private static Error Wrong(string what) => new(
        ErrorKind.Invalid, ErrorCodes.InvalidRequest, $"IOT_ADMIN_KEY {what}; the command 'admin-key --new' prints one that can be used.");

    private ApiKey Describe(string key)
    {
        if (!ApiKeyToken.TryParse(key, out var id, out var secret))
            throw new ArgumentException("The key is not well-formed.", nameof(key));
        return new ApiKey
        {
            Id = id.ToString(),
            Name = "admin",
            Notes = "Made without another key.",
            Scopes = Scopes.Admin,
            Tier = "unlimited",
            SecretHash = ApiKeyToken.HashSecret(secret),
            CreatedAt = time.GetUtcNow(),
        };
    }
}
