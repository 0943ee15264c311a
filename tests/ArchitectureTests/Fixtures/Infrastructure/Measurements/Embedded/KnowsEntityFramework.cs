using Microsoft.EntityFrameworkCore;

namespace IotBackend.ArchitectureTests.Fixtures.Infrastructure.Measurements.Embedded;

internal static class KnowsEntityFramework
{
    public static bool IsContext(object thing) => thing is DbContext;
}
