using IotBackend.ArchitectureTests.Fixtures.Infrastructure.Measurements.Embedded;

namespace IotBackend.ArchitectureTests.Fixtures.Application.Measurements;

internal static class KnowsItsAdapter
{
    public static object Make() => new Adapter();
}
