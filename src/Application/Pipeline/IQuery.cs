using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Pipeline;

/// <summary>A request that only reads.</summary>
public interface IQuery<T> : IRequest<Result<T>>;
