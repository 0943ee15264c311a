using System.ComponentModel.DataAnnotations;
using IotBackend.Application.Access.Blocks;
using IotBackend.Domain.Access;

namespace IotBackend.Api.Security;

/// <summary>Section <c>Blocks</c>: when the program blocks of itself.</summary>
public sealed class BlockOptions : IValidatableObject
{
    public const string Section = "Blocks";

    /// <summary>Failed credentials that one address (IPv6 /64) may send.</summary>
    public LimitInWindow FailedCredentials { get; set; } = new() { Limit = 20, WindowSeconds = 60 };

    /// <summary>Networks (/24, IPv6 /48) from which a key may be used.</summary>
    public LimitInWindow NetworksAKey { get; set; } = new() { Limit = 20, WindowSeconds = 600 };

    /// <summary>Refusals by the rate limiter in a row at which a key is blocked; 0: never.</summary>
    [Range(0, 1_000_000)]
    public int RefusedInARow { get; set; } = 1_000;

    /// <summary>Seconds of a first block; each further one is twice as long.</summary>
    [Range(1, 86_400)]
    public int FirstBlockSeconds { get; set; } = 60;

    /// <summary>Seconds that no block exceeds.</summary>
    [Range(1, 30 * 86_400)]
    public int LongestBlockSeconds { get; set; } = 86_400;

    /// <summary>Seconds between two looks at what other nodes have blocked and lifted.</summary>
    [Range(1, 300)]
    public int RefreshSeconds { get; set; } = 5;

    /// <summary>Addresses and networks that no rule blocks, with commas; empty: none.</summary>
    public string NeverBlock { get; set; } = "127.0.0.0/8, ::1";

    public BlockRules ToRules() => new()
    {
        FailedCredentials = FailedCredentials.Limit,
        FailedCredentialsWindow = TimeSpan.FromSeconds(FailedCredentials.WindowSeconds),
        RefusedInARow = RefusedInARow,
        NetworksOfAKey = NetworksAKey.Limit,
        NetworksOfAKeyWindow = TimeSpan.FromSeconds(NetworksAKey.WindowSeconds),
        FirstBlock = TimeSpan.FromSeconds(FirstBlockSeconds),
        LongestBlock = TimeSpan.FromSeconds(LongestBlockSeconds),
        NeverBlock = [.. Networks().Select(text => AddressNetwork.TryParse(text, out var network) ? network : default)],
    };

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var text in Networks().Where(text => !AddressNetwork.TryParse(text, out _)))
            yield return new ValidationResult($"The value names '{text}', which is no network such as 10.0.0.0/8 without bits beyond its prefix.", [nameof(NeverBlock)]);
        if (!FailedCredentials.IsValid)
            yield return new ValidationResult(LimitInWindow.Ranges, [nameof(FailedCredentials)]);
        if (!NetworksAKey.IsValid)
            yield return new ValidationResult(LimitInWindow.Ranges, [nameof(NetworksAKey)]);
        if (LongestBlockSeconds < FirstBlockSeconds)
            yield return new ValidationResult("The value must not be less than FirstBlockSeconds.", [nameof(LongestBlockSeconds)]);
    }

    private string[] Networks() => NeverBlock.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
