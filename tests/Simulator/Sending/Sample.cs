namespace IotBackend.Simulator.Sending;

/// <summary>One measurement to post. The timestamp is fixed here, once, so that every retry repeats it and none duplicates.</summary>
internal sealed record Sample(string Device, string? Name, DateTimeOffset Timestamp, IReadOnlyList<SampleField> Fields);

/// <param name="Json">The value as a JSON token: a number stays as it was written, the server judges it, not we.</param>
internal readonly record struct SampleField(string Name, string Json);
