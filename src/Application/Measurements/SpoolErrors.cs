using IotBackend.Domain.Results;

namespace IotBackend.Application.Measurements;

/// <summary>The refusals that the use cases of the spool share.</summary>
internal static class SpoolErrors
{
    public static Error NoSpool { get; } =
        new(ErrorKind.NotFound, ErrorCodes.NotFound, "There is no spool here: the store keeps measurements on this server's disk, and none waits for a database.");
}
