using System.Globalization;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Mqtt;

/// <summary>What became of a message.</summary>
/// <param name="Error">Why nothing was stored; null when at least something was.</param>
internal sealed record MessageOutcome(Error? Error)
{
    /// <summary>Whether it failed by its topic.</summary>
    public bool IsTopic { get; init; }

    /// <summary>How many measurements were stored and refused.</summary>
    public StoredMeasurements? Stored { get; init; }

    /// <summary>What is wrong with the first measurement that was refused, when others were stored.</summary>
    public Fault? FirstFault { get; init; }

    public bool IsPartial => Stored is { Rejected: > 0 };

    /// <summary>For a person; null when all is well.</summary>
    public string? Text => this switch
    {
        { Error: { } error } => error.Message,
        { IsPartial: true } => string.Create(CultureInfo.InvariantCulture, $"{Stored!.Accepted} measurements are stored, {Stored.Rejected} refused; the first: {FirstFault?.Code}, {FirstFault?.Message}"),
        _ => null,
    };
}
