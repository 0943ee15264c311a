namespace IotBackend.Api.Security;

/// <summary>What the configuration says of the keys of a tier; null: what it says of all.</summary>
public sealed class TierSeriesLimitOptions
{
    public const string Section = SeriesLimitOptions.Section + ":Tiers:<name>";

    public long? NewDevicesPerHour { get; set; }

    public long? NewSeriesPerHour { get; set; }
}
