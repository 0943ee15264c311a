using System.Security.Cryptography;
using System.Text;
using CsCheck;
using IotBackend.Domain.ApiKeys;
using Xunit;

namespace IotBackend.UnitTests.ApiKeys;

public sealed class ApiKeyTokenTests
{
    private static readonly Gen<string> Tokens = Gen.Byte.Array[ApiKeyToken.RandomLength]
        .Where(random => random.Count(value => value < 248) >= 44)
        .Select(random => ApiKeyToken.Create(random));

    [Fact]
    public void Every_created_key_is_well_formed() => Tokens.Sample(token =>
    {
        Assert.Equal(55, token.Length);
        Assert.Matches("^iot_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}$", token);
        Assert.True(ApiKeyToken.TryParse(token, out var id, out var secret));
        Assert.Equal(token[4..16], id.ToString());
        Assert.Equal(token[17..49], secret.ToString());
    });

    // Computed by another program, so that the format can not change unnoticed: keys in the field must stay valid.
    [Theory]
    [InlineData("iot_000000000000_00000000000000000000000000000000", "28JlYE")]
    [InlineData("iot_0123456789AB_abcdefghijklmnopqrstuvwxyzABCDEF", "20cBb9")]
    public void Checksum_is_CRC_32C_of_all_before_it(string beforeChecksum, string checksum) =>
        Assert.True(ApiKeyToken.TryParse(beforeChecksum + checksum, out _, out _));

    [Fact]
    public void Any_change_of_one_character_is_refused() => Gen.Select(Tokens, Gen.Int[0, 54], Gen.Char[' ', '~']).Sample((token, at, letter) =>
    {
        var changed = token[..at] + letter + token[(at + 1)..];
        return ApiKeyToken.TryParse(changed, out _, out _) == (changed == token);
    });

    [Fact]
    public void Garbage_is_refused() => Gen.String.Sample(text => !ApiKeyToken.TryParse(text, out _, out _));

    [Fact]
    public void Letters_beyond_ASCII_are_refused_even_when_their_low_byte_fits()
    {
        var token = ApiKeyToken.Create(new byte[ApiKeyToken.RandomLength]);
        Assert.True(ApiKeyToken.TryParse(token, out _, out _));
        Assert.All(Enumerable.Range(0, token.Length), at =>
            Assert.False(ApiKeyToken.TryParse(token[..at] + (char)(token[at] + 0x100) + token[(at + 1)..], out _, out _)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void Other_lengths_are_refused(int difference)
    {
        var token = ApiKeyToken.Create(RandomNumberGenerator.GetBytes(ApiKeyToken.RandomLength));
        Assert.False(ApiKeyToken.TryParse(difference < 0 ? token[..^1] : token + "0", out _, out _));
    }

    [Fact]
    public void Letters_are_equally_likely()
    {
        var counts = new int[128];
        for (var i = 0; i < 20_000; i++)
        {
            foreach (var letter in ApiKeyToken.Create(RandomNumberGenerator.GetBytes(ApiKeyToken.RandomLength))[17..49])
                counts[letter]++;
        }

        // A plain remainder of 256 by 62 would make eight letters a quarter likelier; chance moves none by more than six sigma (6 %).
        const double expected = 20_000 * 32 / 62.0;
        var seen = counts.Where(count => count > 0).ToList();
        Assert.Equal(62, seen.Count);
        Assert.All(seen, count => Assert.InRange(count, expected * 0.94, expected * 1.06));
    }

    [Fact]
    public void Biased_bytes_are_passed_over()
    {
        byte[] plain = [.. Enumerable.Range(0, ApiKeyToken.RandomLength).Select(i => (byte)(i % 62))];
        byte[] withBiased = [.. Enumerable.Repeat((byte)255, 10), .. plain];
        Assert.Equal(ApiKeyToken.Create(plain), ApiKeyToken.Create(withBiased));
    }

    [Fact]
    public void Too_few_random_bytes_are_refused()
    {
        Assert.Throws<ArgumentException>(() => ApiKeyToken.Create(new byte[43]));
        Assert.Equal(55, ApiKeyToken.Create(new byte[44]).Length);
    }

    [Fact]
    public void Hash_is_SHA_256_of_the_secret_alone()
    {
        var token = ApiKeyToken.Create(RandomNumberGenerator.GetBytes(ApiKeyToken.RandomLength));
        Assert.True(ApiKeyToken.TryParse(token, out _, out var secret));
        Assert.Equal(SHA256.HashData(Encoding.ASCII.GetBytes(token[17..49])), ApiKeyToken.HashSecret(secret));
    }
}
