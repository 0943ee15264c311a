using System.Net;
using IotBackend.Application.Access;
using IotBackend.Domain.Access;

namespace IotBackend.Api.Security;

/// <summary>Who sends the current HTTP request; set by <see cref="ApiKeyAuthenticationHandler"/>.</summary>
internal sealed class CallerContext : ICallerContext
{
    public Caller? Caller { get; private set; }

    /// <summary>Whose key it is, also when it is blocked and so not the caller.</summary>
    public Caller? Recognised { get; private set; }

    public IPAddress? RemoteAddress { get; private set; }

    public string? RequestId { get; private set; }

    public void Recognise(Caller caller) => Recognised = caller;

    public void Set(Caller caller, IPAddress? remoteAddress, string requestId) =>
        (Caller, Recognised, RemoteAddress, RequestId) = (caller, caller, remoteAddress, requestId);
}
