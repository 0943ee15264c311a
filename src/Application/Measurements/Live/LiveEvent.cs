using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Measurements.Live;

/// <param name="Kind">What it is.</param>
/// <param name="Id">By which a subscriber goes on after it.</param>
/// <param name="Measurement">That of <see cref="LiveEventKind.Measurement"/>, with those of its fields that the filter takes; else null.</param>
public sealed record LiveEvent(LiveEventKind Kind, LiveEventId Id, Measurement? Measurement);

public enum LiveEventKind
{
    /// <summary>A measurement was stored.</summary>
    Measurement,

    /// <summary>Measurements may be missing here: what is complete is in the store.</summary>
    Gap,

    /// <summary>Nothing was told for a while; the id is how far the subscriber has come, so that it stays young.</summary>
    Idle,

    /// <summary>The subscriber reads more slowly than is written and is cut off; this is the last event.</summary>
    CutOff,
}
