using IotBackend.Application.Access.Audit;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;

namespace IotBackend.Application.ApiKeys;

/// <summary>Makes the keys that no other key could make: the first, and the one that replaces a lost one.</summary>
public sealed class AdminKeys(IApiKeyStore store, IKeyGenerator generator, IAdminKeyFile file, IAuditLog audit, TimeProvider time)
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
        return await MakeAsync("key.create", cancellationToken);
    }

    /// <summary>Makes a further admin key, stores it and writes it to its file; the others stay as they are.</summary>
    public Task<string> ReplaceAsync(CancellationToken cancellationToken) => MakeAsync("key.reset", cancellationToken);

    private async Task<string> MakeAsync(string action, CancellationToken cancellationToken)
    {
        var key = generator.Create();

        // The file first: a key that is stored but shown nowhere would be lost, the other way round it is made anew.
        file.Write(key);
        await AddAsync(Describe(key), action, cancellationToken);
        return key;
    }

    private async Task<Result<string?>> AdoptAsync(string given, CancellationToken cancellationToken)
    {
        if (!ApiKeyToken.TryParse(given, out var id, out _))
            return Refused("It is not a well-formed key.");
        var key = Describe(given);
        var name = id.ToString();
        var existing = await store.FindAsync(name, cancellationToken);

        // Another node that was given the same key may be a moment earlier.
        if (existing is null && await AddAsync(key, "key.adopt", cancellationToken) != ApiKeySaved.Done)
            existing = await store.FindAsync(name, cancellationToken);
        return existing is not null && WhyNot(existing, key) is { } reason ? Refused(reason) : Result<string?>.Success(null);
    }

    // Nobody is recognised who did it: whoever starts the program may do all.
    private async Task<ApiKeySaved> AddAsync(ApiKey key, string action, CancellationToken cancellationToken)
    {
        var entry = new AuditEntry
        {
            Time = time.GetUtcNow(),
            Action = action,
            ObjectKind = ApiKeyAudit.Kind,
            ObjectId = key.Id,
            After = AuditTrail.ToJson(ApiKeyAudit.Describe(key)),
        };
        entry = entry with { Id = await audit.AddAsync(entry, cancellationToken) };
        var saved = await store.AddAsync(key, cancellationToken);
        await audit.CompleteAsync(entry with { Outcome = saved == ApiKeySaved.Done ? AuditEntry.Done : ErrorCodes.Conflict }, CancellationToken.None);
        return saved;
    }

    private string? WhyNot(ApiKey existing, ApiKey given) =>
        !existing.SecretHash.Span.SequenceEqual(given.SecretHash.Span) ? "There is a key with its id and another secret."
        : existing.StatusAt(time.GetUtcNow()) != ApiKeyStatus.Active ? "It was revoked, or has expired."
        : !existing.Scopes.HasFlag(Scopes.Admin) ? "It is a key without the scope 'admin'."
        : null;

    private static Error Refused(string why) =>
        new(ErrorKind.Invalid, ErrorCodes.InvalidRequest, $"{why} The command 'admin-key --new' prints one that can be used.");

    private ApiKey Describe(string key)
    {
        var (id, secretHash) = ApiKeyToken.Split(key);
        return new ApiKey
        {
            Id = id,
            Name = "admin",
            Notes = "Made without another key.",
            Scopes = Scopes.Admin,
            Tier = "unlimited",
            SecretHash = secretHash,
            CreatedAt = time.GetUtcNow(),
        };
    }
}
