using System.Net;
using IotBackend.Application.Access;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.Access.Blocks;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Security;

/// <summary>Who may try to authenticate at all, and what follows from how it went. Every protocol that takes keys asks here.</summary>
internal sealed class Gate(BlockList blocks, FailedCredentials failed, NetworksOfKeys networks, LastUses uses, ISecurityEvents events)
{
    /// <summary>Asked before anything else is done for a request; null when it may go on.</summary>
    public Error? CheckAddress(IPAddress? address) => blocks.CheckAddress(address);

    /// <summary>Asked for a key whose secret was right; null when it may go on.</summary>
    private Error? CheckKey(Caller caller, IPAddress? address)
    {
        networks.Add(caller.KeyId, address);
        return blocks.CheckKey(caller.KeyId);
    }

    /// <summary>What follows from how authentication went; null when the caller may go on.</summary>
    public Error? Judge(Result<Caller> result, IPAddress? address)
    {
        if (result.Error is { } error)
        {
            Refused(error, address);
            return error;
        }

        if (CheckKey(result.Value, address) is { } keptOut)
            return keptOut;
        uses.Remember(result.Value.KeyId, address);
        return null;
    }

    /// <summary>Told of credentials that were refused.</summary>
    public void Refused(Error error, IPAddress? address)
    {
        if (error.Code == ErrorCodes.InvalidCredentials)
            failed.Add(address);
    }

    /// <summary>Told of a request with several keys that differ.</summary>
    public void RefusedAmbiguous(IPAddress? address)
    {
        Post(SecurityActions.AuthenticationFail, SecurityActions.Ambiguous, address, null);
        failed.Add(address);
    }

    /// <summary>Told of a key in a URL.</summary>
    public void RefusedInUrl(HttpContext context) =>
        Post(SecurityActions.CredentialsInUrl, ErrorCodes.CredentialsInUrl, context.Connection.RemoteIpAddress, context.TraceIdentifier);

    private void Post(string action, string outcome, IPAddress? address, string? requestId) => events.Post(new SecurityEvent(action, outcome)
    {
        Address = address is null ? null : AddressNetwork.Of(address),
        RequestId = requestId,
    });
}
