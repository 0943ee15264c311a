using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.ApiKeys;

/// <summary>Makes a key. Its secret is told in the answer, and nowhere again.</summary>
/// <param name="Values">Name and scopes at least; the tier is <c>standard</c> unless told otherwise.</param>
public sealed record CreateApiKey(ApiKeyValues Values) : ICommand<IssuedApiKey>, IRateLimited, IRequiresAccess, IParsedRequest, IAudited
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public AuditSubject Subject => new("key.create", ApiKeyAudit.Kind, null);

    // What is given is compared with what the caller has when it is known in full.
    public Error? AuthorizeObjects(Caller caller) => null;
}

/// <param name="Key">The key as it is kept.</param>
/// <param name="Token">What its holder presents: with its secret.</param>
public sealed record IssuedApiKey(ApiKey Key, string Token);

internal sealed class CreateApiKeyHandler(ApiKeyEditor editor, IKeyGenerator generator) : IRequestHandler<CreateApiKey, Result<IssuedApiKey>>
{
    public async Task<Result<IssuedApiKey>> Handle(CreateApiKey request, CancellationToken cancellationToken)
    {
        var token = generator.Create();
        var (id, secretHash) = ApiKeyToken.Split(token);
        var key = request.Values.ApplyTo(new ApiKey
        {
            Id = id,
            Name = string.Empty,
            Scopes = Scopes.None,
            Tier = Tier.Standard.Name,
            SecretHash = secretHash,
            CreatedAt = editor.Now,
        });
        var added = await editor.AddAsync(key, cancellationToken);
        return added.Error is { } error ? error : new IssuedApiKey(added.Value, token);
    }
}
