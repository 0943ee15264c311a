using System.Text;
using CsCheck;
using IotBackend.Api.Formats;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Formats;

/// <summary>Whatever the bytes: no format throws, each item is either good or has a fault, and what is good is a measurement.</summary>
public sealed class BatchFuzzTests
{
    private static readonly Dictionary<string, string[]> Seeds = new()
    {
        ["application/json"] = ["""[{"device":"d","name":"m","timestamp":1764000000123,"fields":{"a":1.5,"b":true,"c":"x\u00e9"},"tags":{"k":"v"}},{"device":"e","fields":{"v":1}}]"""],
        ["application/x-ndjson"] = ["""{"device":"d","timestamp":"2026-11-23T20:44:00Z","fields":{"a":1}}""" + "\n" + """{"device":"e","fields":{"b":"x"}}""" + "\n"],
        ["text/plain"] = ["# comment\nm,device=d,k=v\\ w a=1i,b=\"te\\\"xt\",c=t 1764000000123456789\nm,host=e v=1.5e3\n"],
        ["application/senml+json"] = ["""[{"bn":"urn:dev:d:","bt":1.7e9,"bu":"Cel","n":"temp","v":23.1},{"n":"open","vb":true,"t":-5},{"n":"s","s":7}]"""],
    };

    private static readonly Gen<byte[]> Scrap = Gen.OneOf(
        Gen.Byte.Array[0, 8],
        Gen.OneOf("\"", "\\", "\n", "{", "}", "[", "]", ",", "=", ":", "null", "1e999", "\\ud800", "\0", "\uFEFF", "_", "\"bver\":99,", "\"x_\":1,").Select(Encoding.UTF8.GetBytes));

    private static readonly Gen<(int At, int Cut, byte[] Scrap)> Mutation = Gen.Select(Gen.Int[0, 400], Gen.Int[0, 12], Scrap);

    public static TheoryData<string> MediaTypes => [.. Seeds.Keys];

    [Theory]
    [MemberData(nameof(MediaTypes))]
    public void Mutated_bodies_end_no_parser(string mediaType) =>
        Gen.Select(Gen.OneOf(Seeds[mediaType]), Mutation.Array[1, 4], Gen.Bool).Sample((seed, mutations, isGiven) =>
        {
            var body = mutations.Aggregate(Encoding.UTF8.GetBytes(seed), Mutate);
            using var batch = new MeasurementBatch(new Timestamp(ParsedBatch.ReceivedAt));
            BatchFormats.Find(mediaType)!.Parse(body, batch, new BatchReading(5, TimestampUnit.Nanosecond, isGiven ? "d" : null));

            var parsed = ParsedBatch.Of(batch);
            Assert.Equal(batch.AcceptedCount, parsed.Good.Count);
            var faulty = batch.Faults.Select(fault => fault.Index).Distinct().Count();
            Assert.True(batch.BodyError is not null || faulty == batch.RejectedCount, $"{batch.RejectedCount} are bad, and {faulty} have faults.");
            foreach (ref readonly var row in batch.Rows)
                Assert.Null(Identifier.Check(batch.Device(row)) ?? Identifier.Check(batch.Name(row)));
        }, iter: 20_000);

    private static byte[] Mutate(byte[] body, (int At, int Cut, byte[] Scrap) mutation)
    {
        var at = mutation.At % (body.Length + 1);
        return [.. body[..at], .. mutation.Scrap, .. body[Math.Min(body.Length, at + mutation.Cut)..]];
    }
}
