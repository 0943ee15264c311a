namespace IotBackend.Domain.Measurements;

/// <summary>
/// How many new devices and series the sender of a batch may still bring. A store asks for each series that it has not seen before, and rejects the rows
/// of those that it does not get. Safe for concurrent use.
/// </summary>
public interface ISeriesAllowance
{
    /// <summary>Takes so many new series, and a new device when they are the first of one; false when either does not suffice, and then nothing is taken.</summary>
    bool TryTake(bool isNewDevice, int series);

    /// <summary>Gives back what was taken for something that was not stored in the end.</summary>
    void GiveBack(int devices, int series);
}
