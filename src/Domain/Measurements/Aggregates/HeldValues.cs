namespace IotBackend.Domain.Measurements.Aggregates;

/// <summary>Counts the values that the windows of one query hold at a time, for functions that need all of a window's: memory must not grow with the range.</summary>
/// <param name="most">How many may be held.</param>
public sealed class HeldValues(long most)
{
    private long _count;

    /// <summary>True once one more was to be held. What the windows tell is nothing worth then.</summary>
    public bool AreTooMany { get; private set; }

    internal bool TryHold()
    {
        if (_count < most)
        {
            _count++;
            return true;
        }

        AreTooMany = true;
        return false;
    }

    internal void LetGo(int count) => _count -= count;
}
