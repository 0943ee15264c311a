using System.Globalization;
using IotBackend.Simulator.Sending;

namespace IotBackend.Simulator.Fleet;

/// <summary>What a fleet measures, in the order of time: its devices take turns, evenly spread over each round.</summary>
internal static class FleetSamples
{
    private const string Name = "telemetry";

    public static IEnumerable<Sample> Of(FleetPlan plan)
    {
        var walks = Enumerable.Range(0, plan.Devices).Select(device => WalksOf(device, plan)).ToArray();
        for (var i = 0L; i < plan.Measurements; i++)
        {
            var device = (int)(i % plan.Devices);
            yield return new Sample(DeviceName(device), Name, plan.Start + TimeSpan.FromSeconds(i / plan.Rate), Measure(walks[device]));
        }
    }

    public static string DeviceName(int device) => string.Create(CultureInfo.InvariantCulture, $"simulated-{device:D5}");

    private static RandomWalk[] WalksOf(int device, FleetPlan plan)
    {
        // Not HashCode: that differs from process to process, and a seed must not.
        var random = new Random(unchecked((plan.Seed * 397) ^ device));
        return [.. Enumerable.Range(0, plan.Fields).Select(field => new RandomWalk(Quantity.Of(field), random))];
    }

    private static SampleField[] Measure(RandomWalk[] walks) =>
        [.. walks.Select(walk => new SampleField(walk.Quantity.Name, walk.Next().ToString("R", CultureInfo.InvariantCulture)))];
}
