using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Pipeline;

/// <summary>A request that changes something.</summary>
public interface ICommand<T> : IRequest<Result<T>>;
