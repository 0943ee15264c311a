namespace IotBackend.Simulator.Fleet;

/// <summary>A value that wanders by small steps and turns back at the ends of its range.</summary>
internal sealed class RandomWalk(Quantity quantity, Random random)
{
    private double _value = quantity.Low + ((quantity.High - quantity.Low) * random.NextDouble());

    public Quantity Quantity => quantity;

    public double Next()
    {
        var next = _value + (quantity.Step * ((2 * random.NextDouble()) - 1));
        _value = next < quantity.Low ? (2 * quantity.Low) - next : next > quantity.High ? (2 * quantity.High) - next : next;
        return Math.Round(_value, quantity.Decimals);
    }
}
