using IotBackend.Application.Access;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Pipeline;

/// <summary>Lets a request pass only when its caller has the scope and may touch the objects that the request declares.</summary>
public sealed class AuthorizationBehavior<TRequest, TResponse>(ICallerContext context) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>, IRequiresAccess
    where TResponse : IResult<TResponse>
{
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next) =>
        Refuse(request) is { } error ? Task.FromResult(TResponse.Failure(error)) : next();

    private Error? Refuse(TRequest request)
    {
        if (context.Caller is not { } caller)
            return new Error(ErrorKind.Unauthenticated, ErrorCodes.MissingCredentials, "An API key is required.");
        if (!caller.Scopes.Allows(request.RequiredScope))
            return InsufficientScope(request.RequiredScope);
        return request.AuthorizeObjects(caller);
    }

    private static Error InsufficientScope(Scopes required)
    {
        var name = required.ToNames()[0];
        return new Error(ErrorKind.Forbidden, ErrorCodes.InsufficientScope, $"The key lacks the scope '{name}'.")
        {
            Details = new Dictionary<string, object> { ["requiredScope"] = name },
        };
    }
}
