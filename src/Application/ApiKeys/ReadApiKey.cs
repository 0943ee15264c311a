using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.ApiKeys;

/// <summary>One key, whatever its status.</summary>
/// <param name="Id">The public part of the key.</param>
public sealed record ReadApiKey(string Id) : IQuery<ApiKey>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    // The handler finds out whether the caller may see the key at all.
    public Error? AuthorizeObjects(Caller caller) => null;
}

internal sealed class ReadApiKeyHandler(ApiKeyEditor editor) : IRequestHandler<ReadApiKey, Result<ApiKey>>
{
    public Task<Result<ApiKey>> Handle(ReadApiKey request, CancellationToken cancellationToken) => editor.FindAsync(request.Id, cancellationToken);
}
