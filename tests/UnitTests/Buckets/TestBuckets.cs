using IotBackend.Application.Access;
using IotBackend.Application.Buckets;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using NSubstitute;

namespace IotBackend.UnitTests.Buckets;

/// <summary>Buckets, callers and a store of buckets for tests of what lies above the store.</summary>
internal static class TestBuckets
{
    public static readonly Error Outage = new(ErrorKind.Unavailable, ErrorCodes.StorageUnavailable, "The database does not answer.");

    public static BucketName Name(string text) =>
        BucketName.TryParse(text, out var wrong) ?? throw new ArgumentException($"'{text}' {wrong}.", nameof(text));

    public static Bucket Bucket(string name, int? hours = null, string description = "") =>
        new(Name(name), description, hours is { } limited ? Retention.OfHours(limited) : Retention.Forever);

    public static Caller Caller(params string[] buckets) =>
        new("0123456789AB", "test", Scopes.Admin, "unlimited", [.. buckets.Select(Name)], DeviceSet.All, []);

    public static ICallerContext Context(params string[] buckets)
    {
        var context = Substitute.For<ICallerContext>();
        context.Caller.Returns(Caller(buckets));
        return context;
    }

    /// <summary>A store that holds these buckets; measuring tells the length of the name as count, and no bytes.</summary>
    public static IBucketStore Store(params Bucket[] buckets)
    {
        var store = Substitute.For<IBucketStore>();
        store.ListAsync(default).ReturnsForAnyArgs(_ => Result<IReadOnlyList<Bucket>>.Success(buckets));
        store.FindAsync(default!, default).ReturnsForAnyArgs(call =>
            buckets.FirstOrDefault(bucket => bucket.Name == call.Arg<BucketName>()) is { } found ? found : NotFound);
        store.MeasureAsync(default!, default).ReturnsForAnyArgs(call => Result<BucketUsage>.Success(UsageOf(call.Arg<BucketName>())));
        return store;
    }

    public static Error NotFound { get; } = new(ErrorKind.NotFound, ErrorCodes.BucketNotFound, "There is no such bucket.");

    public static BucketUsage UsageOf(BucketName name) => new(name.Value.Length, null);
}
