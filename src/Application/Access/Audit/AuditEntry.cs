namespace IotBackend.Application.Access.Audit;

/// <summary>An entry of the audit log: an administrative act, or something that concerns security.</summary>
public sealed record AuditEntry
{
    /// <summary>Grows with every entry; 0 before it is stored.</summary>
    public long Id { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>What was done, such as <c>key.create</c>: a noun and a verb.</summary>
    public required string Action { get; init; }

    /// <summary>Null while the act goes on, and for ever when the process ended in the middle; else <see cref="Done"/> or the code of an error.</summary>
    public string? Outcome { get; init; }

    /// <summary>The id of the key that did it; null when nobody was recognised, and for what the program does of itself.</summary>
    public string? ActorId { get; init; }

    public string? ActorName { get; init; }

    public string? Address { get; init; }

    public string? ObjectKind { get; init; }

    public string? ObjectId { get; init; }

    /// <summary>The object before, as a JSON object; never a secret.</summary>
    public string? Before { get; init; }

    /// <summary>The object after, as a JSON object; never a secret.</summary>
    public string? After { get; init; }

    public string? RequestId { get; init; }

    /// <summary>How many alike, one after the other, this entry stands for.</summary>
    public int Count { get; init; } = 1;

    /// <summary>The outcome of what succeeded.</summary>
    public const string Done = "done";
}
