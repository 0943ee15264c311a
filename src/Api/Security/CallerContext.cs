using System.Net;
using IotBackend.Application.Access;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Security;

/// <summary>Who sends the current HTTP request; set by <see cref="Authentication"/>.</summary>
internal sealed class CallerContext : ICallerContext
{
    public Caller? Caller { get; private set; }

    /// <summary>Whose key it is, also when it is blocked and so not the caller.</summary>
    public Caller? Recognised { get; private set; }

    public IPAddress? RemoteAddress { get; private set; }

    public string? RequestId { get; private set; }

    /// <summary>Why there is no caller, when credentials were presented or the address is blocked.</summary>
    public Error? Refusal { get; private set; }

    public void Refuse(Error error) => Refusal = error;

    public void Recognise(Caller caller) => Recognised = caller;

    public void Set(Caller caller, IPAddress? remoteAddress, string requestId) =>
        (Caller, Recognised, RemoteAddress, RequestId) = (caller, caller, remoteAddress, requestId);
}
