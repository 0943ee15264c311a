using System.Security.Cryptography;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;

namespace IotBackend.UnitTests.ApiKeys;

/// <summary>Keys for tests: a token, and the key that it opens.</summary>
internal static class TestKeys
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 20, 44, 0, TimeSpan.Zero);

    public static string NewToken() => ApiKeyToken.Create(RandomNumberGenerator.GetBytes(ApiKeyToken.RandomLength));

    public static string IdOf(string token) => token.Substring(4, ApiKeyToken.IdLength);

    public static byte[] HashOf(string token) =>
        ApiKeyToken.TryParse(token, out _, out var secret) ? ApiKeyToken.HashSecret(secret) : throw new ArgumentException("Not a token.", nameof(token));

    /// <summary>A token of the same id with another secret.</summary>
    public static string WithOtherSecret(string token)
    {
        // The id comes from the first bytes, each below 62 as they are letters' places in the alphabet.
        const string alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        byte[] idBytes = [.. IdOf(token).Select(letter => (byte)alphabet.IndexOf(letter))];
        return ApiKeyToken.Create([.. idBytes, .. RandomNumberGenerator.GetBytes(ApiKeyToken.RandomLength)]);
    }

    public static ApiKey KeyOf(string token) => new()
    {
        Id = IdOf(token),
        Name = "greenhouse",
        Scopes = Scopes.MeasurementsWrite,
        Tier = "standard",
        SecretHash = HashOf(token),
        CreatedAt = Now.AddDays(-1),
    };
}
