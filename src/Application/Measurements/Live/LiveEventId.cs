using System.Globalization;

namespace IotBackend.Application.Measurements.Live;

/// <summary>
/// Place of an event in what a node tells, written <c>&lt;unix ms&gt;-&lt;node&gt;-&lt;number&gt;</c>. On the same node the next event is known exactly by the
/// number; on another one it is found by the time.
/// </summary>
/// <param name="UnixMilliseconds">When the node was told of it.</param>
/// <param name="Node">The node that the subscriber is connected to, by a name that is new with each start.</param>
/// <param name="Number">Grows with each measurement that the node is told of, whether it matches a filter or not.</param>
public readonly record struct LiveEventId(long UnixMilliseconds, string Node, long Number)
{
    /// <summary>Null when the text is no such place.</summary>
    public static LiveEventId? TryParse(string text) => text.Split('-') is [var time, { Length: > 0 } node, var number]
        && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
        && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)
            ? new LiveEventId(milliseconds, node, parsed)
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{UnixMilliseconds}-{Node}-{Number}");
}
