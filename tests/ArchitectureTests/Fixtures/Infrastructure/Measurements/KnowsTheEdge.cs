using IotBackend.ArchitectureTests.Fixtures.Api.Measurements;
using Microsoft.AspNetCore.Http;

namespace IotBackend.ArchitectureTests.Fixtures.Infrastructure.Measurements;

internal static class KnowsTheEdge
{
    public static bool IsOfTheEdge(object thing) => thing is HttpContext or SendsController;
}
