using FluentValidation;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Pipeline;

/// <summary>Refuses what could not be parsed, then what a validator of the request type finds wrong, all faults at once.</summary>
public sealed class ValidationBehavior<TRequest, TResponse>(IEnumerable<IValidator<TRequest>> validators)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>, IParsedRequest
    where TResponse : IResult<TResponse>
{
    private readonly IValidator<TRequest>[] _validators = validators as IValidator<TRequest>[] ?? [.. validators];

    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next) =>
        (request.ParseError ?? (request.IsKnownValid ? null : Validate(request))) is { } error ? Task.FromResult(TResponse.Failure(error)) : next();

    private Error? Validate(TRequest request)
    {
        List<Fault>? faults = null;
        foreach (var validator in _validators)
        {
            var result = validator.Validate(request);
            if (!result.IsValid)
                (faults ??= []).AddRange(result.Errors.Select(e => new Fault(e.PropertyName, e.ErrorCode, e.ErrorMessage)));
        }

        return faults is null ? null : Error.Invalid(faults);
    }
}
