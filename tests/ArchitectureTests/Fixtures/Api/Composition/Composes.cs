using IotBackend.ArchitectureTests.Fixtures.Infrastructure.Measurements.Embedded;

namespace IotBackend.ArchitectureTests.Fixtures.Api.Composition;

internal static class Composes
{
    public static object Add() => AdapterRegistration.Add();
}
