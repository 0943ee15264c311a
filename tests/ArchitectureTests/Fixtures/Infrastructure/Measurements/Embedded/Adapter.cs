namespace IotBackend.ArchitectureTests.Fixtures.Infrastructure.Measurements.Embedded;

internal sealed class Adapter;

internal static class AdapterRegistration
{
    public static object Add() => new Adapter();
}
