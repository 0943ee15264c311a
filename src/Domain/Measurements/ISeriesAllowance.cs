namespace IotBackend.Domain.Measurements;

/// <summary>
/// How many new devices and series the sender of a batch may still bring. A store asks for each series that it has not seen before, and rejects the rows
/// of those that it does not get. Safe for concurrent use.
/// </summary>
public interface ISeriesAllowance
{
    /// <summary>Takes a new series, and a new device when it is the first of one; false when either is used up, and then nothing is taken.</summary>
    bool TryTake(bool isNewDevice);
}
