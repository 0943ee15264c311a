using IotBackend.Application.Access.Audit;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Nodes;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Access.Blocks;

/// <summary>Lets in again what was blocked, by hand or by a rule; the next block by a rule is a first one.</summary>
public sealed record LiftBlock(string Id) : ICommand<Block>, IRateLimited, IRequiresAccess, IParsedRequest, IAudited
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public AuditSubject Subject => new("block.lift", BlockAudit.Kind, Id);

    public Error? AuthorizeObjects(Caller caller) => AccessErrors.CheckUnlimited(caller);
}

internal sealed class LiftBlockHandler(BlockList blocks, IBlockStore store, AuditTrail trail, INodeMessages? messages = null) : IRequestHandler<LiftBlock, Result<Block>>
{
    public async Task<Result<Block>> Handle(LiftBlock request, CancellationToken cancellationToken)
    {
        if (blocks.List().FirstOrDefault(block => block.Id == request.Id) is not { } block)
            return new Error(ErrorKind.NotFound, ErrorCodes.NotFound, $"There is no block '{request.Id}'.");
        return await KeyStoreGuard.AskAsync<Block>(async () =>
        {
            await store.RemoveAsync(block, cancellationToken);
            blocks.Lift(block);
            messages?.Publish(BlockSynchronization.Topic, ReadOnlyMemory<byte>.Empty);
            trail.Tell(BlockAudit.Tell(block), null);
            return block;
        });
    }
}
