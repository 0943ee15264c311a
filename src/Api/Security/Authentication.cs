using System.Net;
using IotBackend.Application.Access;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Security;

/// <summary>
/// Authenticates by API key, or by a client certificate that stands for one, before a body is read. Only says who calls; what the caller may do is
/// the pipeline's question, because it needs the request. Who has no valid key goes on, and is refused by <see cref="KeyRequired"/> where one is needed.
/// </summary>
internal sealed class Authentication(RequestDelegate next, IApiKeyAuthenticator authenticator, Gate gate, TimeProvider time)
{
    private static readonly Error Ambiguous = new(ErrorKind.Unauthenticated, ErrorCodes.InvalidCredentials, "The request presents several different API keys.");

    // Without a state machine of its own where the answer is there at once, as it is from memory (benchmark P14).
    public Task InvokeAsync(HttpContext context, CallerContext callers)
    {
        var address = context.Connection.RemoteIpAddress;
        if (gate.CheckAddress(address) is { } blocked)
            return RefuseAsync(context, callers, blocked);
        var key = PresentedKey.Find(context.Request, out var isAmbiguous);
        if (isAmbiguous)
        {
            gate.RefusedAmbiguous(address);
            return RefuseAsync(context, callers, Ambiguous);
        }

        var certificate = key is null ? context.Connection.ClientCertificate : null;
        if (key is null && certificate is null)
            return next(context);
        if (certificate is not null && !Credential.IsValidAt(certificate, time.GetUtcNow()))
        {
            gate.Refused(Credential.NotValidNow, address);
            return RefuseAsync(context, callers, Credential.NotValidNow);
        }

        var result = certificate is null
            ? authenticator.AuthenticateAsync(key!, address, context.RequestAborted)
            : authenticator.AuthenticateAsync(CertificateFingerprint.Of(certificate.RawDataMemory.Span), address, context.RequestAborted);
        return result.IsCompletedSuccessfully ? GoOnAsync(context, callers, address, result.Result) : WaitAsync(context, callers, address, result);
    }

    private async Task WaitAsync(HttpContext context, CallerContext callers, IPAddress? address, ValueTask<Result<Caller>> result) =>
        await GoOnAsync(context, callers, address, await result);

    private Task GoOnAsync(HttpContext context, CallerContext callers, IPAddress? address, Result<Caller> result)
    {
        if (gate.Judge(result, address) is { } refusal)
        {
            if (result.IsSuccess)
                callers.Recognise(result.Value);
            return RefuseAsync(context, callers, refusal);
        }

        callers.Set(result.Value, address, context.TraceIdentifier);
        return next(context);
    }

    private Task RefuseAsync(HttpContext context, CallerContext callers, Error error)
    {
        callers.Refuse(error);
        return next(context);
    }
}
