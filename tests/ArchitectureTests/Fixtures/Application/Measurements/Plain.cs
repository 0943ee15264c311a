using FluentValidation;
using MediatR;

namespace IotBackend.ArchitectureTests.Fixtures.Application.Measurements;

internal sealed record Plain(int Limit) : IRequest<int>
{
    public int Offset { get; init; }
}

internal sealed class Handles : IRequestHandler<Plain, int>
{
    public Task<int> Handle(Plain request, CancellationToken cancellationToken) => Task.FromResult(request.Limit);
}

internal sealed class Checks : AbstractValidator<Plain>;

/// <summary>MediatR's own signature has the cancellation in the middle, which is not ours to mend.</summary>
internal sealed class Interceptor<TRequest, TResponse> : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
{
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next) => next();
}
