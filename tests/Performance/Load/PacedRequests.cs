using System.Text;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Load;

/// <summary>POST /measurement with three fields as bytes, the devices in turn, ten seconds later each round; no point twice.</summary>
internal static class PacedRequests
{
    private const int Devices = Bench.Devices;

    /// <param name="server">Where it goes to.</param>
    /// <param name="run">A year of its own for every run keeps its points apart from those of other runs.</param>
    /// <param name="number">Of the request within the run.</param>
    public static byte[] Of(IotServer server, int run, long number)
    {
        var time = new DateTimeOffset(2001 + run, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(number / Devices * 10);
        var body = string.Create(
            Invariant,
            $$$"""{"device":"device-{{{number % Devices:D6}}}","name":"climate","timestamp":"{{{time:yyyy-MM-ddTHH:mm:ss}}}.125Z","fields":{"temperature":{{{20 + (number * 7 % 50 / 10.0):0.0}}},"humidity":{{{40 + (number % 20)}}},"pressure":{{{1000 + (number * 3 % 200 / 10.0):0.0}}}}}""");
        return Encoding.ASCII.GetBytes(
            $"POST /measurement HTTP/1.1\r\nHost: {server.Address.Authority}\r\nX-API-Key: {server.Key}\r\n" +
            $"Content-Type: application/json\r\nContent-Length: {body.Length.ToString(Invariant)}\r\n\r\n{body}");
    }
}
