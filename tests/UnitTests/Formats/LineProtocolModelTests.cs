using CsCheck;
using IotBackend.Api.Formats;
using Xunit;

namespace IotBackend.UnitTests.Formats;

/// <summary>The parser and a naive one read the same of whatever resembles line protocol.</summary>
public sealed class LineProtocolModelTests
{
    private static readonly LineProtocolFormat Format = new();

    private static readonly Gen<string> Scrap = Gen.OneOf(
        "a", "=", ",", " ", "\\", "\"", "\n", "#", "1", "-", "i", "u", ".", "e5", "t", "device", "device_id", "host", "=\"", "\" ", "\\\"", "\\\\", "ä", "_", "\t",
        ",device=d v=1 5\n", "m,device=d,k=v x=1i", " v=\"a\nb\" 7\n", "9007199254740993", "9223372036854775807");

    private static readonly Gen<string> Part = Gen.OneOf("a", "b c", "ä", "k,l", "x=y", "\\", "z\\", "device", "host").Select(part =>
        part.Replace(",", "\\,", StringComparison.Ordinal).Replace("=", "\\=", StringComparison.Ordinal).Replace(" ", "\\ ", StringComparison.Ordinal));

    private static readonly Gen<string> Value = Gen.OneOf(
        Gen.OneOf("1", "2.5", "-3e-2", "7i", "8u", "t", "FALSE", "\"\"", "\"q\\\"r\"", "\"two\nlines\"", "9007199254740993i", "1e999", "nope", ""),
        Gen.Double.Select(number => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture)),
        Gen.Long.Select(number => $"{number}i"));

    private static readonly Gen<string> Line = Gen.Select(
        Part, Gen.Select(Part, Part, (key, value) => $",{key}={value}").Array[0, 3].Select(string.Concat),
        Gen.OneOf(",device=d", ",device_id=d", ",host=h", "", ",device=d,device=e"),
        Gen.Select(Part, Value, (key, value) => $"{key}={value}").Array[1, 3].Select(fields => string.Join(',', fields)),
        Gen.OneOf("", " 5", "  -7 ", " 9223372036854775807", " x"),
        Gen.OneOf("\n", "\n\n", "\n# comment\n"),
        (name, tags, device, fields, time, end) => $"{name}{tags}{device} {fields}{time}{end}");

    [Fact]
    public void Nearly_good_lines_are_read_as_by_the_naive_parser() => Line.Array[0, 6].Select(string.Concat).Sample(AssertEqual, iter: 5_000);

    [Fact]
    public void Scraps_are_read_as_by_the_naive_parser() => Scrap.Array[0, 30].Select(string.Concat).Sample(AssertEqual, iter: 20_000);

    private static void AssertEqual(string body)
    {
        var (naive, parsed) = (NaiveLines.Parse(body), ParsedBatch.Of(Format, body));

        Assert.Equal(naive.Good, parsed.Good);
        Assert.Equal(naive.Items, parsed.Items);

        // Of a line that is broken, what was read before it broke may be told as well.
        var broken = naive.Faults.Where(fault => fault.EndsWith("invalid_line", StringComparison.Ordinal)).Select(LineOf).ToHashSet();
        Assert.Equal(broken, parsed.Faults.Where(fault => fault.EndsWith("invalid_line", StringComparison.Ordinal)).Select(LineOf).ToHashSet());
        Assert.Equal(Rest(naive.Faults), Rest(parsed.Faults));

        static string LineOf(string fault) => fault.Split(' ')[0];
        IEnumerable<string> Rest(IReadOnlyList<string> faults) => faults.Where(fault => !broken.Contains(LineOf(fault))).Distinct().Order(StringComparer.Ordinal);
    }
}
