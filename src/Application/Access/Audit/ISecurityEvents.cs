using IotBackend.Domain.Access;

namespace IotBackend.Application.Access.Audit;

/// <summary>Takes what concerns security and is no administrative act. It is written in the background, so that no request waits for it.</summary>
public interface ISecurityEvents
{
    /// <summary>Returns at once. Equal ones within a minute are counted, and beyond the most that a minute may have only counted together.</summary>
    void Post(SecurityEvent happened);
}

/// <summary>Something that concerns security. Events with the same action, outcome, network of the address and actor are equal.</summary>
/// <param name="Action">A noun and a verb, such as <c>authentication.fail</c>.</param>
/// <param name="Outcome">A code.</param>
public readonly record struct SecurityEvent(string Action, string Outcome)
{
    public AddressNetwork? Address { get; init; }

    /// <summary>The id of the key that did it; only of one that there is and that was recognised.</summary>
    public string? ActorId { get; init; }

    public string? ActorName { get; init; }

    public string? ObjectKind { get; init; }

    public string? ObjectId { get; init; }

    /// <summary>JSON; never a secret.</summary>
    public string? Before { get; init; }

    /// <summary>JSON; never a secret.</summary>
    public string? After { get; init; }

    public string? RequestId { get; init; }
}
