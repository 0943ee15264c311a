namespace IotBackend.Application.Pipeline;

/// <summary>What a caller asks to be true of a thing before a command changes it, in the versions of it that he has seen.</summary>
/// <param name="Kind">What is asked.</param>
/// <param name="Versions">The versions of which one must be the current, for <see cref="PreconditionKind.IsOneOf"/>; empty: none will do.</param>
public sealed record Precondition(PreconditionKind Kind, IReadOnlyList<string> Versions)
{
    public static Precondition None { get; } = new(PreconditionKind.None, []);

    public static Precondition Exists { get; } = new(PreconditionKind.Exists, []);

    public static Precondition IsNew { get; } = new(PreconditionKind.IsNew, []);

    public static Precondition IsOneOf(IReadOnlyList<string> versions) => new(PreconditionKind.IsOneOf, versions);
}

public enum PreconditionKind
{
    None,
    Exists,
    IsNew,
    IsOneOf,
}
