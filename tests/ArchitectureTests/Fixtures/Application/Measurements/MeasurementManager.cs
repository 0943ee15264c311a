namespace IotBackend.ArchitectureTests.Fixtures.Application.Measurements;

internal static class MeasurementManager;

/// <summary>Its name only looks like one that says nothing.</summary>
internal static class DatabaseUtilization;
