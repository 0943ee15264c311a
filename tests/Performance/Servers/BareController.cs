using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Performance.Servers;

/// <summary>A controller that parses and forgets.</summary>
[ApiController]
public sealed class BareController(BareAnswer answer) : ControllerBase
{
    [HttpPost("/measurement")]
    public IActionResult Post(BareMeasurement measurement) =>
        measurement.Fields.Count > 0 ? StatusCode(StatusCodes.Status201Created) : BadRequest();

    [HttpGet("/measurements")]
    public IActionResult Get() => File(answer.Bytes, "application/json");
}

/// <summary>What GET answers with.</summary>
/// <param name="Bytes">JSON.</param>
public sealed record BareAnswer(byte[] Bytes);

/// <summary>A measurement of numeric fields, as plain System.Text.Json reads it.</summary>
public sealed record BareMeasurement(string Device, string Name, DateTimeOffset Timestamp, IReadOnlyDictionary<string, double> Fields);
