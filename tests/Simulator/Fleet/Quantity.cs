using System.Globalization;

namespace IotBackend.Simulator.Fleet;

/// <summary>Something that devices measure, within what is plausible for it.</summary>
/// <param name="Step">The most that it changes from one measurement to the next.</param>
/// <param name="Decimals">Digits after the point that a sensor tells.</param>
internal sealed record Quantity(string Name, double Low, double High, double Step, int Decimals)
{
    private static readonly Quantity[] Known =
    [
        new("temperature", -10, 40, 0.2, 1),
        new("humidity", 20, 95, 0.5, 1),
        new("pressure", 970, 1045, 0.3, 2),
        new("battery", 2.9, 4.2, 0.005, 3),
        new("illuminance", 0, 20_000, 150, 0),
        new("co2", 400, 2_500, 15, 0),
    ];

    /// <summary>The n-th field of a device; those beyond the well-known six are numbered channels.</summary>
    public static Quantity Of(int field) => field < Known.Length
        ? Known[field]
        : new(string.Create(CultureInfo.InvariantCulture, $"channel{field + 1}"), 0, 100, 1, 2);
}
