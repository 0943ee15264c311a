using System.Net;
using IotBackend.Domain.Access;

namespace IotBackend.Application.Access;

/// <summary>Who sends the current request: set once by whatever authenticated it, read by the pipeline; never taken from a body.</summary>
public interface ICallerContext
{
    /// <summary>Null when nobody was authenticated.</summary>
    Caller? Caller { get; }

    /// <summary>The request's id, as its answer and the logs have it; null when it has none.</summary>
    string? RequestId { get; }

    /// <summary>The address that the request came from.</summary>
    IPAddress? RemoteAddress { get; }
}
