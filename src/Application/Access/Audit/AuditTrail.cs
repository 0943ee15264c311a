using System.Text.Json;

namespace IotBackend.Application.Access.Audit;

/// <summary>What the handler of an audited command tells of its object; one a request.</summary>
public sealed class AuditTrail
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <summary>JSON; null when nothing was told.</summary>
    public string? Before { get; private set; }

    /// <summary>JSON; null when nothing was told.</summary>
    public string? After { get; private set; }

    /// <summary>The id of an object that had none before; null when nothing was told.</summary>
    public string? ObjectId { get; private set; }

    /// <summary>Tells how the object was and is; null: it was, or is, not there. Members become camelCase. Secrets do not belong here.</summary>
    public void Tell(object? before, object? after, string? objectId = null)
    {
        Before = before is null ? null : ToJson(before);
        After = after is null ? null : ToJson(after);
        ObjectId = objectId ?? ObjectId;
    }

    /// <summary>An object as the audit log has it.</summary>
    internal static string ToJson(object described) => JsonSerializer.Serialize(described, Options);
}
