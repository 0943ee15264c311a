using System.Net;
using System.Security.Cryptography;
using System.Text;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Buckets;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>Keys for tests of stores.</summary>
internal static class SomeKeys
{
    /// <summary>SHA-256 of nothing that anyone knows, in hexadecimal digits.</summary>
    public const string FirstHash = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    public static readonly DateTimeOffset Now = new(2026, 11, 23, 20, 44, 0, TimeSpan.Zero);

    /// <summary>What stands in a database of the first version.</summary>
    public static ApiKey First => new()
    {
        Id = "FirstKey0001",
        Name = "first",
        Notes = "of old",
        Scopes = Scopes.MeasurementsRead | Scopes.Admin,
        Tier = "premium",
        Buckets = [BucketName.Default],
        Devices = [DevicePattern.Parse("greenhouse-*")],
        Networks = [IPNetwork.Parse("10.0.0.0/8")],
        SecretHash = Convert.FromHexString(FirstHash),
        CreatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero),
        ExpiresAt = new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero),
        Version = 7,
    };

    public static ApiKey New(string? name = null) => new()
    {
        Id = ApiKeyToken.Split(ApiKeyToken.Create(RandomNumberGenerator.GetBytes(ApiKeyToken.RandomLength))).Id,
        Name = name ?? "some",
        Scopes = Scopes.MeasurementsWrite,
        Tier = "standard",
        SecretHash = RandomNumberGenerator.GetBytes(ApiKeyToken.HashLength),
        CreatedAt = Now.AddDays(-1),
    };

    public static ApiKey NewAdmin() => New("admin") with { Scopes = Scopes.Admin };

    /// <summary>Every member is set, and none to what it would be otherwise.</summary>
    public static ApiKey NewFull() => New() with
    {
        Name = "Gewächshaus 12 \"Süd\"",
        Notes = "line one\nline two, with 🌱",
        Scopes = Enum.GetValues<Scopes>().Aggregate((all, scope) => all | scope),
        Buckets = [BucketName.Default, BucketName.TryParse("greenhouse: \u00e9t\u00e9 / south", out _)!],
        Devices = [DevicePattern.Parse("greenhouse-*"), DevicePattern.Parse("a 'quoted', {braced} and \\ slashed")],
        Networks = [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("2001:db8::/32")],
        Certificates = [Certificate("a"), Certificate("b")],
        PreviousSecretHash = RandomNumberGenerator.GetBytes(ApiKeyToken.HashLength),
        PreviousSecretUntil = Now.AddMilliseconds(1),
        ExpiresAt = Now.AddYears(1),
        RevokedAt = Now.AddMilliseconds(-1),
        LastUsedAt = Now,
        LastUsedFrom = "2001:db8::1",
        Version = 7,
    };

    public static CertificateFingerprint Certificate(string of) => CertificateFingerprint.Of(Encoding.UTF8.GetBytes(of));

    // A record compares its lists and memories by reference.
    public static void AssertSame(ApiKey expected, ApiKey? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Buckets, actual.Buckets);
        Assert.Equal(expected.Devices, actual.Devices);
        Assert.Equal(expected.Networks, actual.Networks);
        Assert.Equal(expected.Certificates, actual.Certificates);
        Assert.Equal(expected.SecretHash.ToArray(), actual.SecretHash.ToArray());
        Assert.Equal(expected.PreviousSecretHash?.ToArray(), actual.PreviousSecretHash?.ToArray());
        Assert.Equal(expected, actual with
        {
            Buckets = expected.Buckets,
            Devices = expected.Devices,
            Networks = expected.Networks,
            Certificates = expected.Certificates,
            SecretHash = expected.SecretHash,
            PreviousSecretHash = expected.PreviousSecretHash,
        });
    }
}
