using MediatR;

namespace IotBackend.ArchitectureTests.Fixtures.Domain.Measurements;

internal static class KnowsMediator
{
    public static async Task<bool> IsMediatorAsync(object thing)
    {
        await Task.Yield();
        return thing is IMediator;
    }
}
