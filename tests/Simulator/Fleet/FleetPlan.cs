namespace IotBackend.Simulator.Fleet;

/// <summary>A made-up fleet: who measures how often for how long. The same seed and start make the same measurements.</summary>
/// <param name="Rate">Measurements a second of all devices together.</param>
internal sealed record FleetPlan(int Devices, double Rate, TimeSpan Duration, int Fields, int Seed, DateTimeOffset Start)
{
    public long Measurements => (long)Math.Floor(Rate * Duration.TotalSeconds);
}
