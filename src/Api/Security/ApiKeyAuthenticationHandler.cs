using System.Security.Claims;
using System.Text.Encodings.Web;
using IotBackend.Api.Http;
using IotBackend.Application.Access;
using IotBackend.Domain.Results;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Security;

/// <summary>
/// Authenticates by API key before a body is read. Only says who calls; what the caller may do is the pipeline's question,
/// because it needs the request.
/// </summary>
internal sealed class ApiKeyAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    IApiKeyAuthenticator authenticator,
    CallerContext callers,
    LastUses uses,
    ErrorWriter errors)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "ApiKey";

    // The pipeline reads the caller from its context; the framework only wants to know that there is one.
    private static readonly ClaimsPrincipal Authenticated = new(new ClaimsIdentity(SchemeName));
    private static readonly AuthenticateResult Success = AuthenticateResult.Success(new AuthenticationTicket(Authenticated, SchemeName));
    private static readonly AuthenticateResult Refused = AuthenticateResult.Fail("The key was refused.");
    private static readonly Error Missing = new(ErrorKind.Unauthenticated, ErrorCodes.MissingCredentials, "An API key is required: send it as X-API-Key, or as Authorization: Bearer.");
    private static readonly Error Ambiguous = new(ErrorKind.Unauthenticated, ErrorCodes.InvalidCredentials, "The request presents several different API keys.");

    private Error _error = Missing;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var key = PresentedKey.Find(Request.Headers, out var isAmbiguous);
        if (isAmbiguous)
            return Refuse(Ambiguous);
        if (key is null)
            return AuthenticateResult.NoResult();
        var remoteAddress = Context.Connection.RemoteIpAddress;
        var result = await authenticator.AuthenticateAsync(key, remoteAddress, Context.RequestAborted);
        if (result.Error is { } error)
            return Refuse(error);
        callers.Set(result.Value, remoteAddress, Context.TraceIdentifier);
        uses.Remember(result.Value.KeyId, remoteAddress);
        return Success;
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => errors.WriteAsync(Context, _error);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        errors.WriteAsync(Context, ErrorStatus.FromStatus(StatusCodes.Status403Forbidden));

    private AuthenticateResult Refuse(Error error)
    {
        _error = error;
        return Refused;
    }
}
