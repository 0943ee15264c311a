using System.Globalization;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Access.Blocks;

/// <summary>An address, a network or a key that is kept out.</summary>
/// <param name="Id">32 letters and digits that grow with time.</param>
/// <param name="Value">An address, a network in CIDR notation, or the id of a key.</param>
/// <param name="Reason">For a person.</param>
/// <param name="Until">Null: until it is lifted.</param>
/// <param name="Count">How often rules have blocked the value in a row, from 1, which lets blocks grow; 0 for one made by hand.</param>
public sealed record Block(string Id, BlockKind Kind, string Value, string Reason, DateTimeOffset CreatedAt, DateTimeOffset? Until, int Count)
{
    public bool IsByHand => Count == 0;

    public BlockTarget Target => new(Kind, Value);

    public bool HoldsAt(DateTimeOffset now) => Until is not { } until || until > now;

    /// <summary>What whoever is kept out is told: not why, and not by whom.</summary>
    public Error Refusal(DateTimeOffset now)
    {
        var what = Kind == BlockKind.Key ? "The API key is blocked" : "Requests from this address are blocked";
        if (Until is not { } until)
            return new Error(ErrorKind.Forbidden, ErrorCodes.Blocked, what + ".");
        var text = until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return new Error(ErrorKind.Forbidden, ErrorCodes.Blocked, $"{what} until {text}.")
        {
            Details = new Dictionary<string, object> { ["until"] = text },
            RetryAfter = until - now,
        };
    }
}

public enum BlockKind
{
    Address,
    Key,
}

/// <summary>What a block keeps out; there is one block for each.</summary>
public readonly record struct BlockTarget(BlockKind Kind, string Value)
{
    public static BlockTarget Of(AddressNetwork network) => new(BlockKind.Address, network.ToString());

    public static BlockTarget OfKey(string id) => new(BlockKind.Key, id);
}

/// <summary>The names of the kinds in the contract, the table and the audit log.</summary>
public static class BlockKinds
{
    public static string NameOf(BlockKind kind) => kind == BlockKind.Key ? "key" : "address";

    public static BlockKind? TryParse(string name) => name switch
    {
        "key" => BlockKind.Key,
        "address" => BlockKind.Address,
        _ => null,
    };
}
