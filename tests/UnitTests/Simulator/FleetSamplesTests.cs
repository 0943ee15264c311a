using System.Globalization;
using IotBackend.Simulator.Fleet;
using Xunit;

namespace IotBackend.UnitTests.Simulator;

public sealed class FleetSamplesTests
{
    private static readonly FleetPlan Plan = new(Devices: 3, Rate: 10, TimeSpan.FromSeconds(60), Fields: 8, Seed: 7, DateTimeOffset.UnixEpoch);

    [Fact]
    public void Fleet_measures_at_its_rate_and_its_devices_take_turns()
    {
        var samples = FleetSamples.Of(Plan).ToList();

        Assert.Equal(600, samples.Count);
        Assert.Equal(TimeSpan.FromSeconds(0.1), samples[1].Timestamp - samples[0].Timestamp);
        Assert.Equal([200, 200, 200], samples.CountBy(s => s.Device).Select(c => c.Value));
        Assert.Equal(600, samples.DistinctBy(s => (s.Device, s.Timestamp)).Count());
    }

    [Fact]
    public void Same_seed_makes_the_same_values_and_another_makes_others()
    {
        Assert.Equal(Values(Plan), Values(Plan));
        Assert.NotEqual(Values(Plan), Values(Plan with { Seed = 8 }));
    }

    [Fact]
    public void Values_wander_by_small_steps_within_what_is_plausible()
    {
        var temperatures = FleetSamples.Of(Plan with { Devices = 1, Rate = 1000 })
            .Select(s => double.Parse(s.Fields[0].Json, CultureInfo.InvariantCulture)).ToList();

        Assert.All(temperatures, t => Assert.InRange(t, -10, 40));
        Assert.All(temperatures.Zip(temperatures.Skip(1)), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 0.31));
        Assert.True(temperatures.Distinct().Count() > 20);
    }

    [Fact]
    public void Devices_have_as_many_fields_as_asked_for_with_names_of_their_own() =>
        Assert.Equal(8, FleetSamples.Of(Plan).First().Fields.Select(f => f.Name).Distinct().Count());

    private static List<string> Values(FleetPlan plan) => [.. FleetSamples.Of(plan).SelectMany(s => s.Fields).Select(f => f.Json)];
}
