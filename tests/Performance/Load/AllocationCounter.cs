using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;

namespace IotBackend.Performance.Load;

/// <summary>Reads the runtime's own counter of allocated bytes from outside a running process, second by second.</summary>
internal static class AllocationCounter
{
    private const string Provider = "System.Runtime";
    private const string Counter = "alloc-rate";

    /// <summary>Bytes allocated in each full second of the time.</summary>
    public static async Task<double[]> BytesASecondAsync(int processId, TimeSpan duration, CancellationToken cancellationToken)
    {
        var provider = new EventPipeProvider(
            Provider, EventLevel.Informational, arguments: new Dictionary<string, string> { ["EventCounterIntervalSec"] = "1" });
        using var session = await new DiagnosticsClient(processId).StartEventPipeSessionAsync(
            [provider], requestRundown: false, circularBufferMB: 16, cancellationToken);
        var rates = new List<double>();
        var listening = Task.Run(() => Listen(session, rates), cancellationToken);
        await Task.Delay(duration, TimeProvider.System, cancellationToken);
        await session.StopAsync(cancellationToken);
        await listening;
        return [.. rates];
    }

    private static void Listen(EventPipeSession session, List<double> rates)
    {
        using var source = new EventPipeEventSource(session.EventStream);
        source.Dynamic.All += happened =>
        {
            if (happened.EventName != "EventCounters" || happened.PayloadByName("") is not IDictionary<string, object> wrapper)
                return;
            if (wrapper["Payload"] is IDictionary<string, object> payload && Counter.Equals(payload["Name"]))
                rates.Add(Convert.ToDouble(payload["Increment"], Invariant) / Convert.ToDouble(payload["IntervalSec"], Invariant));
        };
        source.Process();
    }
}
