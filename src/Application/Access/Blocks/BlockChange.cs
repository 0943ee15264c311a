namespace IotBackend.Application.Access.Blocks;

/// <summary>What happened to a block on this node, and is to happen to it in the store.</summary>
/// <param name="Block">The block.</param>
/// <param name="IsLifted">True: it is removed; false: it is stored.</param>
internal readonly record struct BlockChange(Block Block, bool IsLifted);
