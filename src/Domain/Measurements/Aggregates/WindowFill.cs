namespace IotBackend.Domain.Measurements.Aggregates;

/// <summary>What stands in a window without a value.</summary>
public enum WindowFill
{
    /// <summary>The window is left out.</summary>
    None,

    /// <summary>Nothing; a count is zero.</summary>
    Null,

    /// <summary>What the last window with values has; nothing before the first.</summary>
    Previous,

    /// <summary>What lies on the line between the neighbouring windows with values; nothing before the first and after the last.</summary>
    Linear,
}
