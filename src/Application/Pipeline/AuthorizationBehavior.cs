using IotBackend.Application.Access;
using IotBackend.Application.Access.Audit;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Pipeline;

/// <summary>Lets a request pass only when its caller has the scope and may touch the objects that the request declares.</summary>
public sealed class AuthorizationBehavior<TRequest, TResponse>(ICallerContext context, ISecurityEvents? events = null) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>, IRequiresAccess
    where TResponse : IResult<TResponse>
{
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next) =>
        Refuse(request) is { } error ? Task.FromResult(TResponse.Failure(error)) : next();

    private Error? Refuse(TRequest request)
    {
        if (context.Caller is not { } caller)
            return new Error(ErrorKind.Unauthenticated, ErrorCodes.MissingCredentials, "An API key is required.");
        var error = caller.Scopes.Allows(request.RequiredScope) ? request.AuthorizeObjects(caller) : InsufficientScope(request.RequiredScope);

        // A device that is not the key's own is often a mistake in its configuration; at the doors of administration nothing is.
        if (error is not null && (request.RequiredScope == Scopes.Admin || error.Code == ErrorCodes.InsufficientScope))
            events?.Post(Describe(caller, error));
        return error;
    }

    private SecurityEvent Describe(Caller caller, Error error) => new(SecurityActions.AccessRefuse, error.Code)
    {
        Address = context.RemoteAddress is { } address ? AddressNetwork.Of(address) : null,
        ActorId = caller.KeyId,
        ActorName = caller.KeyName,
        ObjectKind = "request",
        ObjectId = typeof(TRequest).Name,
        RequestId = context.RequestId,
    };

    private static Error InsufficientScope(Scopes required)
    {
        var name = required.ToNames()[0];
        return new Error(ErrorKind.Forbidden, ErrorCodes.InsufficientScope, $"The key lacks the scope '{name}'.")
        {
            Details = new Dictionary<string, object> { ["requiredScope"] = name },
        };
    }
}
