namespace IotBackend.ArchitectureTests.Fixtures.Application;

internal static class Stray;
