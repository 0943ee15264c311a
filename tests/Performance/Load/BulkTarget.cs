using System.Buffers;
using System.Text.Unicode;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Load;

/// <summary>Where a fleet's readings go by thousands, and in which format.</summary>
internal abstract class BulkTarget(Uri address)
{
    public Uri Address { get; } = address;

    public abstract string ContentType { get; }

    public virtual string? Key => null;

    public virtual void Begin(ArrayBufferWriter<byte> body) => body.ResetWrittenCount();

    public abstract void Append(ArrayBufferWriter<byte> body, in FleetReading reading);

    public virtual void End(ArrayBufferWriter<byte> body)
    {
    }

    public static BulkTarget Of(IotServer server) => new JsonTarget(server);

    public static BulkTarget Of(InfluxServer server) => new LineTarget(server);

    private static Span<byte> Room(ArrayBufferWriter<byte> body) => body.GetSpan(256);

    private sealed class JsonTarget(IotServer server) : BulkTarget(new Uri(server.Address, "/measurements"))
    {
        public override string ContentType => "application/json";

        public override string Key => server.Key;

        public override void Append(ArrayBufferWriter<byte> body, in FleetReading reading)
        {
            var separator = body.WrittenCount == 0 ? '[' : ',';
            Utf8.TryWrite(
                Room(body),
                Invariant,
                $$$"""{{{separator}}}{"device":"device-{{{reading.Device:D6}}}","name":"climate","timestamp":{{{reading.Milliseconds}}},"fields":{"temperature":{{{reading.Temperature}}},"humidity":{{{reading.Humidity}}},"pressure":{{{reading.Pressure}}}}}""",
                out var written);
            body.Advance(written);
        }

        public override void End(ArrayBufferWriter<byte> body) => body.Write("]"u8);
    }

    private sealed class LineTarget(InfluxServer server) : BulkTarget(server.WriteAddress)
    {
        public override string ContentType => "text/plain";

        public override void Append(ArrayBufferWriter<byte> body, in FleetReading reading)
        {
            Utf8.TryWrite(
                Room(body),
                Invariant,
                $"climate,device=device-{reading.Device:D6} temperature={reading.Temperature},humidity={reading.Humidity},pressure={reading.Pressure} {reading.Milliseconds}\n",
                out var written);
            body.Advance(written);
        }
    }
}
