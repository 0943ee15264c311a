namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>What InfluxDB answered to a write, whatever its version.</summary>
/// <param name="Kind">What became of the lines.</param>
/// <param name="Reason">What InfluxDB said; empty when all was stored.</param>
internal sealed record WriteAnswer(WriteAnswerKind Kind, string Reason = "")
{
    public static WriteAnswer Stored { get; } = new(WriteAnswerKind.Stored);

    /// <summary>The lines that were refused, when the version tells them; the others were stored.</summary>
    public IReadOnlyList<RefusedLine> RefusedLines { get; init; } = [];
}

internal enum WriteAnswerKind
{
    /// <summary>All lines are durable.</summary>
    Stored,

    /// <summary>At least one line was refused for good; the others may have been stored.</summary>
    Refused,

    /// <summary>The request was too large; nothing was stored.</summary>
    TooLarge,

    /// <summary>There is no such bucket; nothing was stored.</summary>
    NoBucket,

    /// <summary>No answer, or none that tells; the lines may have been stored, and can be sent again.</summary>
    Unavailable,
}

/// <param name="Index">Position of the line in the request, from 0.</param>
/// <param name="Reason">What InfluxDB said of it.</param>
internal readonly record struct RefusedLine(int Index, string Reason);
