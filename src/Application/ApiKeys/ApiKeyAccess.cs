using System.Net;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;

namespace IotBackend.Application.ApiKeys;

/// <summary>
/// Which keys a caller with the scope <c>admin</c> may see and make: those that grant no bucket, device or network beyond its own. Others do
/// not exist for it.
/// </summary>
internal static class ApiKeyAccess
{
    public static bool IsUnlimited(this Caller caller) => caller.Buckets.Count == 0 && caller.Devices.IsAll && caller.Networks.Count == 0;

    public static bool Covers(this Caller caller, ApiKey key) =>
        CoversAll(caller.Buckets, key.Buckets, (own, other) => own == other)
        && caller.Devices.Covers(key.ToDeviceSet())
        && CoversAll(caller.Networks, key.Networks, Contains);

    public static Error NotFound(string id) => new(ErrorKind.NotFound, ErrorCodes.NotFound, $"There is no key '{id}'.");

    /// <summary>What a caller may not give because it has it not itself; null when it may.</summary>
    public static Error? CheckGrant(Caller caller, ApiKey key)
    {
        var faults = new List<Fault>();
        if (!CoversAll(caller.Buckets, key.Buckets, (own, other) => own == other))
            faults.Add(Beyond("buckets", ErrorCodes.BucketNotAllowed));
        if (!caller.Devices.Covers(key.ToDeviceSet()))
            faults.Add(Beyond("devices", ErrorCodes.DeviceNotAllowed));
        if (!CoversAll(caller.Networks, key.Networks, Contains))
            faults.Add(Beyond("networks", ErrorCodes.NetworkNotAllowed));
        return faults.Count == 0 ? null : new Error(ErrorKind.Forbidden, faults[0].Code, faults[0].Message) { Faults = faults };
    }

    private static Fault Beyond(string member, string code) =>
        new(member, code, $"'{member}' goes beyond what the key that asks has itself; a key can only give what it has, and an empty list means all.");

    private static bool CoversAll<T>(IReadOnlyList<T> own, IReadOnlyList<T> given, Func<T, T, bool> covers) =>
        own.Count == 0 || (given.Count > 0 && given.All(other => own.Any(one => covers(one, other))));

    private static bool Contains(IPNetwork own, IPNetwork other) => other.PrefixLength >= own.PrefixLength && own.Contains(other.BaseAddress);
}
