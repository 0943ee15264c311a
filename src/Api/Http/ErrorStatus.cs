using IotBackend.Domain.Results;

namespace IotBackend.Api.Http;

/// <summary>The one place where kinds of failures become HTTP statuses.</summary>
internal static class ErrorStatus
{
    public static int Of(ErrorKind kind) => kind switch
    {
        ErrorKind.Invalid => StatusCodes.Status400BadRequest,
        ErrorKind.Unauthenticated => StatusCodes.Status401Unauthorized,
        ErrorKind.Forbidden => StatusCodes.Status403Forbidden,
        ErrorKind.NotFound => StatusCodes.Status404NotFound,
        ErrorKind.MethodNotAllowed => StatusCodes.Status405MethodNotAllowed,
        ErrorKind.NotAcceptable => StatusCodes.Status406NotAcceptable,
        ErrorKind.SlowRequest => StatusCodes.Status408RequestTimeout,
        ErrorKind.Conflict => StatusCodes.Status409Conflict,
        ErrorKind.PreconditionFailed => StatusCodes.Status412PreconditionFailed,
        ErrorKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
        ErrorKind.UnsupportedMediaType => StatusCodes.Status415UnsupportedMediaType,
        ErrorKind.Unprocessable => StatusCodes.Status422UnprocessableEntity,
        ErrorKind.RateLimited => StatusCodes.Status429TooManyRequests,
        ErrorKind.HeadersTooLarge => StatusCodes.Status431RequestHeaderFieldsTooLarge,
        ErrorKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        ErrorKind.Timeout => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>The error for a status that the framework set without a body.</summary>
    public static Error FromStatus(int status) => status switch
    {
        StatusCodes.Status400BadRequest => new(ErrorKind.Invalid, ErrorCodes.InvalidRequest, "The request is malformed."),
        StatusCodes.Status401Unauthorized => new(ErrorKind.Unauthenticated, ErrorCodes.MissingCredentials, "An API key is required."),
        StatusCodes.Status403Forbidden => new(ErrorKind.Forbidden, ErrorCodes.InsufficientScope, "The key may not do this."),
        StatusCodes.Status404NotFound => new(ErrorKind.NotFound, ErrorCodes.NotFound, "There is nothing at this address."),
        StatusCodes.Status405MethodNotAllowed => new(ErrorKind.MethodNotAllowed, ErrorCodes.MethodNotAllowed, "This address does not take this method; 'Allow' lists those it takes."),
        StatusCodes.Status406NotAcceptable => new(ErrorKind.NotAcceptable, ErrorCodes.NotAcceptable, "None of the accepted media types is offered."),
        StatusCodes.Status408RequestTimeout => new(ErrorKind.SlowRequest, ErrorCodes.RequestTimeout, "The request came too slowly."),
        StatusCodes.Status413PayloadTooLarge => new(ErrorKind.TooLarge, ErrorCodes.BodyTooLarge, "The body is too large."),
        StatusCodes.Status414UriTooLong => new(ErrorKind.Invalid, ErrorCodes.InvalidRequest, "The address is too long."),
        StatusCodes.Status415UnsupportedMediaType => new(ErrorKind.UnsupportedMediaType, ErrorCodes.UnsupportedMediaType, "The media type is not taken here."),
        StatusCodes.Status431RequestHeaderFieldsTooLarge => new(ErrorKind.HeadersTooLarge, ErrorCodes.InvalidRequest, "The headers are too large."),
        >= 400 and < 500 => new(ErrorKind.Invalid, ErrorCodes.InvalidRequest, "The request can not be handled."),
        _ => Internal,
    };

    public static Error Internal { get; } = new(ErrorKind.Internal, ErrorCodes.InternalError, "Something went wrong on the server; the errorId finds it in its log.");
}
