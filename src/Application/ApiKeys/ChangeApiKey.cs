using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.ApiKeys;

/// <summary>Changes what a key grants; it holds on this node at once. A revoked key stays as it is.</summary>
/// <param name="Id">The public part of the key.</param>
/// <param name="Values">What is to change.</param>
/// <param name="Precondition">What must be true of the key as it is.</param>
public sealed record ChangeApiKey(string Id, ApiKeyValues Values, Precondition Precondition)
    : ICommand<ApiKey>, IRateLimited, IRequiresAccess, IParsedRequest, IAudited
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public AuditSubject Subject => new("key.change", ApiKeyAudit.Kind, Id);

    // The handler finds out whether the caller may see the key at all.
    public Error? AuthorizeObjects(Caller caller) => null;
}

internal sealed class ChangeApiKeyHandler(ApiKeyEditor editor) : IRequestHandler<ChangeApiKey, Result<ApiKey>>
{
    private static readonly Error IsRevoked = new(ErrorKind.Conflict, ErrorCodes.Conflict, "The key is revoked, and stays so; make another one.");

    public Task<Result<ApiKey>> Handle(ChangeApiKey request, CancellationToken cancellationToken) => editor.ChangeAsync(
        request.Id, request.Precondition, key => key.RevokedAt is null ? request.Values.ApplyTo(key) : IsRevoked, cancellationToken);
}
