using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.ApiKeys;

/// <summary>Ends a key for ever, on this node at once. It stays in the list; revoking it again changes nothing.</summary>
/// <param name="Id">The public part of the key.</param>
/// <param name="Precondition">What must be true of the key as it is.</param>
public sealed record RevokeApiKey(string Id, Precondition Precondition)
    : ICommand<ApiKey>, IRateLimited, IRequiresAccess, IParsedRequest, IAudited
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public AuditSubject Subject => new("key.revoke", ApiKeyAudit.Kind, Id);

    // The handler finds out whether the caller may see the key at all.
    public Error? AuthorizeObjects(Caller caller) => null;
}

internal sealed class RevokeApiKeyHandler(ApiKeyEditor editor) : IRequestHandler<RevokeApiKey, Result<ApiKey>>
{
    public Task<Result<ApiKey>> Handle(RevokeApiKey request, CancellationToken cancellationToken) => editor.ChangeAsync(
        request.Id,
        request.Precondition,
        key => key with
        {
            RevokedAt = key.RevokedAt ?? editor.Now,
            PreviousSecretHash = null,
            PreviousSecretUntil = null,

            // They may stand for another key from now on.
            Certificates = [],
        },
        cancellationToken);
}
