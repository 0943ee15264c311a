using IotBackend.Application.Access.Audit;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Nodes;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Access.Blocks;

/// <summary>Keeps an address, a network or a key out. It takes the place of what a rule has blocked.</summary>
/// <param name="Target">What is blocked; null when it could not be read.</param>
/// <param name="Reason">1–256 characters.</param>
/// <param name="Until">Null: until it is lifted.</param>
public sealed record CreateBlock(BlockTarget? Target, string Reason, DateTimeOffset? Until)
    : ICommand<Block>, IRateLimited, IRequiresAccess, IParsedRequest, IAudited
{
    /// <summary>A network may not be wider: 16 million addresses.</summary>
    public const int WidestIPv4 = 8;

    /// <summary>A network may not be wider: what a provider has.</summary>
    public const int WidestIPv6 = 32;

    public const int MaxReasonLength = 256;

    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public AuditSubject Subject => new("block.create", BlockAudit.Kind, null);

    public Error? AuthorizeObjects(Caller caller) => AccessErrors.CheckUnlimited(caller);
}

internal sealed class CreateBlockHandler(BlockList blocks, IBlockStore store, IApiKeyStore keys, ICallerContext context, AuditTrail trail, INodeMessages? messages = null)
    : IRequestHandler<CreateBlock, Result<Block>>
{
    public async Task<Result<Block>> Handle(CreateBlock request, CancellationToken cancellationToken)
    {
        var target = request.Target!.Value;
        if (IsOwn(target))
            return Conflict("This would block yourself: the key or the address that asks.");
        var existing = blocks.Find(target);
        if (existing?.IsByHand == true)
            return BlockedAlready();
        return await KeyStoreGuard.AskAsync<Block>(async () =>
        {
            if (target.Kind == BlockKind.Key && await keys.FindAsync(target.Value, cancellationToken) is null)
                return ApiKeyAccess.NotFound(target.Value);
            var block = blocks.Prepare(target, request.Reason, request.Until);

            // Not given up when the client goes: what is stored has to hold.
            var left = await store.SaveAsync([block], CancellationToken.None);
            if (left.Count > 0)
                return BlockedAlready();
            blocks.Hold(block);
            messages?.Publish(BlockSynchronization.Topic, ReadOnlyMemory<byte>.Empty);
            trail.Tell(existing is null ? null : BlockAudit.Tell(existing), BlockAudit.Tell(block), block.Id);
            return block;
        });
    }

    private bool IsOwn(BlockTarget target) => target.Kind == BlockKind.Key
        ? target.Value == context.Caller!.KeyId
        : context.RemoteAddress is { } address && AddressNetwork.TryParse(target.Value, out var network) && network.Contains(AddressNetwork.Of(address));

    // Here, or by another node whose block this one has not taken over yet.
    private static Error BlockedAlready() => Conflict("It is blocked already: lift that block first.");

    private static Error Conflict(string message) => new(ErrorKind.Conflict, ErrorCodes.Conflict, message);
}
