using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace IotBackend.Domain.ApiKeys;

/// <summary>
/// A key as its holder presents it: <c>iot_&lt;id&gt;_&lt;secret&gt;&lt;checksum&gt;</c>, of 12, 32 and 6 letters and digits.
/// The prefix lets secret scanners find it; the checksum, CRC-32C of all before it, refuses garbage without a look-up.
/// </summary>
public static class ApiKeyToken
{
    public const string Prefix = "iot_";
    public const int IdLength = 12;
    public const int SecretLength = 32;
    public const int ChecksumLength = 6;
    public const int Length = 4 + IdLength + 1 + SecretLength + ChecksumLength;
    public const int HashLength = SHA256.HashSizeInBytes;

    /// <summary>Random bytes that <see cref="Create(ReadOnlySpan{byte})"/> takes, enough for its rejection of biased ones in all practical cases.</summary>
    public const int RandomLength = 128;

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> Allowed = SearchValues.Create(Alphabet);

    /// <summary>True when the text has the form and the checksum of a key; says nothing about whether it exists.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ReadOnlySpan<char> id, out ReadOnlySpan<char> secret)
    {
        id = secret = default;
        if (text.Length != Length || !text.StartsWith(Prefix) || text[Prefix.Length + IdLength] != '_')
            return false;
        var idPart = text.Slice(Prefix.Length, IdLength);
        var rest = text[(Prefix.Length + IdLength + 1)..];
        if (idPart.ContainsAnyExcept(Allowed) || rest.ContainsAnyExcept(Allowed))
            return false;
        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(text[..^ChecksumLength], checksum);
        if (!rest[SecretLength..].SequenceEqual(checksum))
            return false;
        id = idPart;
        secret = rest[..SecretLength];
        return true;
    }

    /// <summary>True when the text has the form of an id; says nothing about whether there is such a key.</summary>
    public static bool IsId(ReadOnlySpan<char> text) => text.Length == IdLength && !text.ContainsAnyExcept(Allowed);

    /// <summary>Makes a key of random bytes, at least <see cref="RandomLength"/> of them.</summary>
    /// <exception cref="ArgumentException">Too few of the bytes can be used.</exception>
    public static string Create(ReadOnlySpan<byte> random)
    {
        Span<char> id = stackalloc char[IdLength];
        var used = Fill(id, random);
        return Create(id, random[used..]);
    }

    /// <summary>Makes a key with another secret for an id that there is.</summary>
    /// <exception cref="ArgumentException">Too few of the bytes can be used, or the id has not <see cref="IdLength"/> letters and digits.</exception>
    public static string Create(ReadOnlySpan<char> id, ReadOnlySpan<byte> random)
    {
        if (!IsId(id))
            throw new ArgumentException("It is not the id of a key.", nameof(id));
        Span<char> text = stackalloc char[Length];
        Prefix.CopyTo(text);
        id.CopyTo(text[Prefix.Length..]);
        text[Prefix.Length + IdLength] = '_';
        Fill(text.Slice(Prefix.Length + IdLength + 1, SecretLength), random);
        WriteChecksum(text[..^ChecksumLength], text[^ChecksumLength..]);
        return new string(text);
    }

    /// <summary>What is kept of a key: its id, and SHA-256 of its secret.</summary>
    /// <exception cref="FormatException">The text is no key.</exception>
    public static (string Id, byte[] SecretHash) Split(string token) => TryParse(token, out var id, out var secret)
        ? (id.ToString(), HashSecret(secret))
        : throw new FormatException("The text is no key.");

    /// <summary>SHA-256 of the secret, <see cref="HashLength"/> bytes.</summary>
    public static byte[] HashSecret(ReadOnlySpan<char> secret)
    {
        Span<byte> bytes = stackalloc byte[SecretLength];
        Encoding.ASCII.GetBytes(secret, bytes);
        return SHA256.HashData(bytes);
    }

    // A byte from the incomplete last round of 62 would make some letters likelier than others, so it is passed over.
    private static int Fill(Span<char> destination, ReadOnlySpan<byte> random)
    {
        var used = 0;
        foreach (ref var letter in destination)
        {
            while (used < random.Length && random[used] >= 4 * Alphabet.Length)
                used++;
            if (used == random.Length)
                throw new ArgumentException("Too few random bytes.", nameof(random));
            letter = Alphabet[random[used++] % Alphabet.Length];
        }

        return used;
    }

    private static void WriteChecksum(ReadOnlySpan<char> text, Span<char> destination)
    {
        var sum = uint.MaxValue;
        foreach (var letter in text)
            sum = BitOperations.Crc32C(sum, (byte)letter);
        sum = ~sum;
        for (var i = destination.Length - 1; i >= 0; i--, sum /= (uint)Alphabet.Length)
            destination[i] = Alphabet[(int)(sum % (uint)Alphabet.Length)];
    }
}
