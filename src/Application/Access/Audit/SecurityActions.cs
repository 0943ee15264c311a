namespace IotBackend.Application.Access.Audit;

/// <summary>The actions and outcomes of security events, as docs/audit-log.md lists them.</summary>
public static class SecurityActions
{
    /// <summary>Credentials were refused; the outcome tells why, which the answer does not.</summary>
    public const string AuthenticationFail = "authentication.fail";

    /// <summary>A recognised key asked for what it may not do.</summary>
    public const string AccessRefuse = "access.refuse";

    /// <summary>A key was sent in the URL.</summary>
    public const string CredentialsInUrl = "credentials.expose";

    /// <summary>More happened in a minute than is listed; the count tells how much.</summary>
    public const string Overflow = "events.overflow";

    public const string Malformed = "malformed_key";
    public const string Ambiguous = "ambiguous_keys";
    public const string UnknownKey = "unknown_key";
    public const string WrongSecret = "wrong_secret";
    public const string Expired = "expired_key";
    public const string Revoked = "revoked_key";
    public const string NotListed = "not_listed";
}
