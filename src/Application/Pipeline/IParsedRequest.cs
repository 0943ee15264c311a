using IotBackend.Domain.Results;

namespace IotBackend.Application.Pipeline;

/// <summary>
/// A request whose parts were parsed at the edge. What went wrong there is carried along instead of answered at once, so that a
/// malformed request is counted and authorized like any other. Read by <see cref="ValidationBehavior{TRequest,TResponse}"/>.
/// </summary>
public interface IParsedRequest
{
    /// <summary>Why the request can not be handled at all; null when it could be parsed.</summary>
    Error? ParseError { get; }

    /// <summary>True when an equal request has passed its validators before: what is asked again and again is validated once.</summary>
    bool IsKnownValid => false;
}
