using System.ComponentModel;

namespace IotBackend.Api.Devices;

// These types describe the contract's JSON for the OpenAPI document; the bytes are written by Formats.

/// <summary>A device.</summary>
public sealed record DeviceSummaryDocument(
    string Device,
    [property: Description("When its first measurement was received.")] DateTimeOffset FirstSeen,
    [property: Description("When its last measurement was received.")] DateTimeOffset LastSeen,
    [property: Description("How many measurements of it were stored.")] long Measurements);

/// <summary>A page of devices.</summary>
public sealed record DevicePageDocument(IReadOnlyList<DeviceSummaryDocument> Items, bool HasMore)
{
    [Description("Absent on the last page.")]
    public string NextCursor { get; init; } = string.Empty;
}

/// <summary>A device with its series.</summary>
public sealed record DeviceDocument(
    string Device,
    DateTimeOffset FirstSeen,
    DateTimeOffset LastSeen,
    long Measurements,
    [property: Description("What holds a value now; the first 1,000.")] IReadOnlyList<DeviceSeriesDocument> Series,
    bool HasMoreSeries);

/// <summary>A name and tags of a device, with the types of its fields: number, boolean or string.</summary>
public sealed record DeviceSeriesDocument(string Name, IReadOnlyDictionary<string, string> Tags, IReadOnlyDictionary<string, string> Fields);
