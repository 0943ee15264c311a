namespace IotBackend.ArchitectureTests.Fixtures.Api.Measurements;

internal static class FlightController;
