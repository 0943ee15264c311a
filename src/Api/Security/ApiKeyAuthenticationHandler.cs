using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using System.Text.Encodings.Web;
using IotBackend.Api.Http;
using IotBackend.Application.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Security;

/// <summary>
/// Authenticates by API key, or by a client certificate that stands for one, before a body is read. Only says who calls; what the caller may do is the pipeline's question,
/// because it needs the request.
/// </summary>
internal sealed class ApiKeyAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    IApiKeyAuthenticator authenticator,
    Gate gate,
    CallerContext callers,
    LastUses uses,
    ErrorWriter errors,
    TimeProvider time)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "ApiKey";

    // The pipeline reads the caller from its context; the framework only wants to know that there is one.
    private static readonly ClaimsPrincipal Authenticated = new(new ClaimsIdentity(SchemeName));
    private static readonly AuthenticateResult Success = AuthenticateResult.Success(new AuthenticationTicket(Authenticated, SchemeName));
    private static readonly AuthenticateResult Refused = AuthenticateResult.Fail("The key was refused.");
    private static readonly Error Missing = new(ErrorKind.Unauthenticated, ErrorCodes.MissingCredentials, "An API key is required: send it as X-API-Key, or as Authorization: Bearer.");
    private static readonly Error Ambiguous = new(ErrorKind.Unauthenticated, ErrorCodes.InvalidCredentials, "The request presents several different API keys.");

    private static readonly Error NotValidNow = new(ErrorKind.Unauthenticated, ErrorCodes.InvalidCredentials, "The client certificate has expired, or is not valid yet.");

    private Error _error = Missing;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var remoteAddress = Context.Connection.RemoteIpAddress;
        if (gate.CheckAddress(remoteAddress) is { } blocked)
            return Refuse(blocked);
        var key = PresentedKey.Find(Request.Headers, out var isAmbiguous);
        if (isAmbiguous)
        {
            gate.RefusedAmbiguous(remoteAddress);
            return Refuse(Ambiguous);
        }

        var certificate = key is null ? Context.Connection.ClientCertificate : null;
        if (key is null && certificate is null)
            return AuthenticateResult.NoResult();
        if (certificate is not null && !IsValidNow(certificate))
        {
            gate.Refused(NotValidNow, remoteAddress);
            return Refuse(NotValidNow);
        }

        var result = certificate is null
            ? await authenticator.AuthenticateAsync(key!, remoteAddress, Context.RequestAborted)
            : await authenticator.AuthenticateAsync(CertificateFingerprint.Of(certificate.RawDataMemory.Span), remoteAddress, Context.RequestAborted);
        if (result.Error is { } error)
        {
            gate.Refused(error, remoteAddress);
            return Refuse(error);
        }

        if (gate.CheckKey(result.Value, remoteAddress) is { } keptOut)
        {
            callers.Recognise(result.Value);
            return Refuse(keptOut);
        }

        callers.Set(result.Value, remoteAddress, Context.TraceIdentifier);
        uses.Remember(result.Value.KeyId, remoteAddress);
        return Success;
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => errors.WriteAsync(Context, _error);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        errors.WriteAsync(Context, ErrorStatus.FromStatus(StatusCodes.Status403Forbidden));

    private bool IsValidNow(X509Certificate2 certificate)
    {
        var now = time.GetUtcNow();
        return now >= certificate.NotBefore.ToUniversalTime() && now <= certificate.NotAfter.ToUniversalTime();
    }

    private AuthenticateResult Refuse(Error error)
    {
        _error = error;
        return Refused;
    }
}
