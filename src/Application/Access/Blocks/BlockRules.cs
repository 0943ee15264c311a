using IotBackend.Domain.Access;

namespace IotBackend.Application.Access.Blocks;

/// <summary>When the program blocks of itself, and for how long. A limit of 0 turns its rule off.</summary>
public sealed record BlockRules
{
    /// <summary>After such a time without a further block, the next is a first one again.</summary>
    public static readonly TimeSpan QuietTime = TimeSpan.FromDays(1);

    /// <summary>Failed credentials that an address may send in the window.</summary>
    public int FailedCredentials { get; init; } = 20;

    public TimeSpan FailedCredentialsWindow { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Refusals for lack of quota in a row at which a key is blocked.</summary>
    public int RefusedInARow { get; init; } = 1_000;

    /// <summary>Networks from which a key may be used in the window.</summary>
    public int NetworksOfAKey { get; init; } = 20;

    public TimeSpan NetworksOfAKeyWindow { get; init; } = TimeSpan.FromSeconds(600);

    public TimeSpan FirstBlock { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan LongestBlock { get; init; } = TimeSpan.FromSeconds(86_400);

    /// <summary>Networks that no rule blocks.</summary>
    public IReadOnlyList<AddressNetwork> NeverBlock { get; init; } = [];

    /// <summary>The most blocks made by rules that are kept; beyond, those that end first are forgotten.</summary>
    public int MaxBlocks { get; init; } = 10_000;

    /// <summary>How long a block lasts that is one of several in a row, from 1.</summary>
    public TimeSpan DurationOf(int count) =>
        count > 30 || FirstBlock.Ticks > LongestBlock.Ticks >> (count - 1) ? LongestBlock : FirstBlock * (1L << (count - 1));
}
