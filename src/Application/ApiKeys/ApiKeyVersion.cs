using System.Globalization;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;

namespace IotBackend.Application.ApiKeys;

/// <summary>The version of a key as a caller sees it; when and from where it was last used plays no part.</summary>
public static class ApiKeyVersion
{
    private static readonly Error IsAnother = new(
        ErrorKind.PreconditionFailed, ErrorCodes.PreconditionFailed, "The key is no longer the version that the request names: read it again.");

    public static string Of(ApiKey key) => key.Version.ToString(CultureInfo.InvariantCulture);

    /// <summary>Null when the key is as the caller asks it to be.</summary>
    internal static Error? Check(this Precondition precondition, ApiKey key) => precondition.Kind switch
    {
        PreconditionKind.IsNew => IsAnother,
        PreconditionKind.IsOneOf when !precondition.Versions.Contains(Of(key)) => IsAnother,
        _ => null,
    };
}
