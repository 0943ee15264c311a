using MediatR;

namespace IotBackend.ArchitectureTests.Fixtures.Application.Measurements;

public sealed record Mutable : IRequest<int>
{
    public int Limit { get; set; }
}

public class MutableHandler : IRequestHandler<Mutable, int>
{
    public Task<int> Handle(Mutable request, CancellationToken cancellationToken) => Task.FromResult(request.Limit);
}
