using Microsoft.AspNetCore.Http;

namespace IotBackend.ArchitectureTests.Fixtures.Application.Measurements;

internal static class KnowsTheWeb
{
    public static Func<object, bool> IsRequest => thing => thing is HttpContext;
}
