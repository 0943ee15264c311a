namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>A line that is none.</summary>
internal sealed class LineException(string message) : Exception(message);
