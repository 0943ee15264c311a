namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>
/// A request that the documentation of its version does not know. A real server may overlook it, or do something that nobody meant; the
/// strict one refuses it and keeps it, so that a test can fail of it.
/// </summary>
internal sealed class DeviationException(string what) : Exception(what);
