using IotBackend.Application.Access.Audit;

namespace IotBackend.Application.Access.Blocks;

/// <summary>A block as the audit log has it.</summary>
internal static class BlockAudit
{
    public const string Kind = "block";

    public static object Tell(Block block) => new { Kind = BlockKinds.NameOf(block.Kind), block.Value, block.Reason, block.Until };

    /// <summary>The same as JSON.</summary>
    public static string Describe(Block block) => AuditTrail.ToJson(Tell(block));
}
