using System.Text;
using IotBackend.IntegrationTests.Hosting;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>Good bodies made bad in one to four places; the same seed and number make the same body.</summary>
internal static class BodyMutation
{
    private static readonly string[] Seeds =
    [
        """{"device":"greenhouse-12","name":"climate","timestamp":"2026-11-23T20:44:00.125Z","fields":{"temperature":21.4,"humidity":56,"door":true,"state":"ok"},"tags":{"location":"berlin"}}""",
        """{"device":"d","fields":{"v":1}}""",
        """{"device":"fünf/温度:%1","timestamp":1764000000123,"fields":{"a":-1.5e-3,"b":"\u00e9\ud83d\ude00","c":false}}""",
        """{"tags":{"k":"v","l":"w"},"fields":{"x":9007199254740992,"y":0.1},"device":"late","timestamp":"1969-12-31T23:59:59.999999999Z"}""",
    ];

    private static readonly string[] Tokens =
    [
        "null", "true", "{}", "[]", "\"\"", "1e999", "-0", "0.1e1", " 1 ", "\"other\"", "-1764000000123", "\"2026-11-23T20:44:00+01:00\"", "9007199254740993", "\"\\ud800\"", "\"\\u0000\"", "NaN", "{\"a\":{\"b\":1}}", "[[1]]",
        "\"9999-99-99T99:99:99Z\"", "\"_reserved\"", "1764000000123456789", "\\", "\"", ",", ":", "}", "]", "{", "[", "\uFEFF", "\0", "\u2028",
        "\"fields\":{\"v\":1},", "\"device\":\"twice\",", "\"unknown\":[1,2],", "\"tags\":{\"t\":\"\"},",
    ];

    public static (string Path, byte[] Body) Make(int seed, int number)
    {
        var random = new Random(unchecked((seed * 486_187_739) + number));
        var isBatch = random.Next(2) == 0;
        var body = Encoding.UTF8.GetBytes(isBatch ? Batch(random) : Seeds[random.Next(Seeds.Length)]);
        for (var mutations = 1 + (random.Next(2) * random.Next(4)); mutations > 0; mutations--)
            body = Mutate(body, random);
        return (isBatch ? Posting.Many : Posting.One, body);
    }

    private static string Batch(Random random) =>
        $"[{string.Join(',', Enumerable.Range(0, random.Next(1, 8)).Select(_ => Seeds[random.Next(Seeds.Length)]))}]";

    private static byte[] Mutate(byte[] body, Random random)
    {
        var at = random.Next(body.Length + 1);
        var end = Math.Min(body.Length, at + random.Next(1, 12));
        var token = Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]);
        return random.Next(16) switch
        {
            0 => [.. body[..at], .. body[end..]],
            1 => [.. body[..at], .. token, .. body[at..]],
            2 => [.. body[..at], .. token, .. body[end..]],
            3 => [.. body[..at], .. RandomBytes(random, end - at), .. body[end..]],
            4 => [.. body[..end], .. body[at..]],
            5 => body[..at],
            6 => [.. body[..at], .. Enumerable.Repeat(body.Length > at ? body[at] : (byte)'[', random.Next(1, 2000)), .. body[at..]],
            7 or 8 => FlipBit(body, random),
            _ => ReplaceValue(body, token, random),
        };
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Puts a token where a value begins, up to the next comma or brace: what stays well-formed comes further in.</summary>
    private static byte[] ReplaceValue(byte[] body, byte[] token, Random random)
    {
        var colons = body.Index().Where(b => b.Item == ':').Select(b => b.Index + 1).ToList();
        if (colons.Count == 0)
            return token;
        var start = colons[random.Next(colons.Count)];
        var length = body.AsSpan(start).IndexOfAny(",}]"u8);
        return [.. body[..start], .. token, .. length < 0 ? [] : body[(start + length)..]];
    }

    private static byte[] FlipBit(byte[] body, Random random)
    {
        if (body.Length > 0)
            body[random.Next(body.Length)] ^= (byte)(1 << random.Next(8));
        return body;
    }
}
