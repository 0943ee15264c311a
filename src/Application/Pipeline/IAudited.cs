namespace IotBackend.Application.Pipeline;

/// <summary>A command of administration, which is written to the audit log before it is handled. Read by <see cref="AuditBehavior{TRequest,TResponse}"/>.</summary>
public interface IAudited
{
    AuditSubject Subject { get; }
}

/// <summary>What a command does, to what.</summary>
/// <param name="Action">Noun and verb, such as <c>key.create</c>.</param>
/// <param name="ObjectKind">The noun.</param>
/// <param name="ObjectId">Null when the object gets its id only now, or has none.</param>
/// <param name="Asked">What an id does not say of it, told as how it was before; null when there is nothing to say.</param>
public sealed record AuditSubject(string Action, string ObjectKind, string? ObjectId, object? Asked = null);
