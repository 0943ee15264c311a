using IotBackend.ArchitectureTests.Fixtures.Infrastructure.Measurements.Embedded;

namespace IotBackend.ArchitectureTests.Fixtures.Api.Measurements;

internal static class ComposesElsewhere
{
    public static object Add() => AdapterRegistration.Add();
}
