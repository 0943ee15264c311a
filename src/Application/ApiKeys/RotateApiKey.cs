using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.ApiKeys;

/// <summary>
/// Gives a key another secret, told in the answer and nowhere again. The one before works until the overlap ends; one before that ends now.
/// </summary>
/// <param name="Id">The public part of the key.</param>
/// <param name="Overlap">How long both secrets work; zero: only the new one does.</param>
/// <param name="Precondition">What must be true of the key as it is.</param>
public sealed record RotateApiKey(string Id, TimeSpan Overlap, Precondition Precondition)
    : ICommand<IssuedApiKey>, IRateLimited, IRequiresAccess, IParsedRequest, IAudited
{
    public const int DefaultOverlapSeconds = 86_400;
    public const int MaxOverlapSeconds = 30 * 86_400;

    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public AuditSubject Subject => new("key.rotate", ApiKeyAudit.Kind, Id);

    // The handler finds out whether the caller may see the key at all.
    public Error? AuthorizeObjects(Caller caller) => null;
}

internal sealed class RotateApiKeyHandler(ApiKeyEditor editor, IKeyGenerator generator) : IRequestHandler<RotateApiKey, Result<IssuedApiKey>>
{
    private static readonly Error IsOver = new(ErrorKind.Conflict, ErrorCodes.Conflict, "The key is revoked or has expired; another secret would not make it work.");

    public async Task<Result<IssuedApiKey>> Handle(RotateApiKey request, CancellationToken cancellationToken)
    {
        var token = string.Empty;
        var changed = await editor.ChangeAsync(request.Id, request.Precondition, Rotate, cancellationToken);
        return changed.Error is { } error ? error : new IssuedApiKey(changed.Value, token);

        Result<ApiKey> Rotate(ApiKey key)
        {
            var now = editor.Now;
            if (key.StatusAt(now) != ApiKeyStatus.Active)
                return IsOver;
            token = generator.Renew(key.Id);
            return key with
            {
                SecretHash = ApiKeyToken.Split(token).SecretHash,

                // A bare null would become an empty memory, not none.
                PreviousSecretHash = request.Overlap > TimeSpan.Zero ? key.SecretHash : default(ReadOnlyMemory<byte>?),
                PreviousSecretUntil = request.Overlap > TimeSpan.Zero ? now + request.Overlap : null,
            };
        }
    }
}
