using Microsoft.Extensions.Primitives;

namespace IotBackend.Api.Http;

/// <summary>The security headers of section 7 of the contract; pages loosen the content policy just as far as they need.</summary>
internal static class SecurityHeaders
{
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues NoReferrer = "no-referrer";
    private static readonly StringValues SameOrigin = "same-origin";
    private static readonly StringValues Deny = "DENY";
    private static readonly StringValues NoPermissions = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()";
    private static readonly StringValues ApiPolicy = "default-src 'none'; frame-ancestors 'none'";
    private static readonly StringValues Hsts = "max-age=31536000; includeSubDomains";

    public static void Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers["Referrer-Policy"] = NoReferrer;
        headers["Cross-Origin-Resource-Policy"] = SameOrigin;
        headers.XFrameOptions = Deny;
        headers["Permissions-Policy"] = NoPermissions;
        headers.ContentSecurityPolicy = ApiPolicy;
        if (context.Request.IsHttps)
            headers.StrictTransportSecurity = Hsts;
    }
}
