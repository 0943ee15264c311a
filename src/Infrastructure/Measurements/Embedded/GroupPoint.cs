namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>One point on its way from a request into the inbox and the memtable.</summary>
internal readonly record struct GroupPoint(Series Series, long Time, long Bits, string? Text);
