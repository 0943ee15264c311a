using Xunit;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>The store in InfluxDB, held to what is asked of every store.</summary>
public static class InfluxDbStoreTests
{
    public sealed class Ranges(InfluxDbStoreFixture store) : RangeTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class Cursors(InfluxDbStoreFixture store) : CursorTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class Filters(InfluxDbStoreFixture store) : FilterTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class Latest(InfluxDbStoreFixture store) : LatestTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class Types(InfluxDbStoreFixture store) : TypeTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class Rewrites(InfluxDbStoreFixture store) : RewriteTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class Times(InfluxDbStoreFixture store) : TimeTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class Deletes(InfluxDbStoreFixture store) : DeleteTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class Buckets(InfluxDbStoreFixture store) : BucketTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class Retentions(InfluxDbStoreFixture store) : RetentionTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class Names(InfluxDbStoreFixture store) : NameTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class Values(InfluxDbStoreFixture store) : ValueTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class ManySeries(InfluxDbStoreFixture store) : SeriesTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class Concurrency(InfluxDbStoreFixture store) : ConcurrencyTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class Models(InfluxDbStoreFixture store) : ModelTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class Directories(InfluxDbStoreFixture store) : DirectoryTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class Sources(InfluxDbStoreFixture store) : SourceTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class Aggregates(InfluxDbStoreFixture store) : AggregateTests(store), IClassFixture<InfluxDbStoreFixture>;

    public sealed class Streams(InfluxDbStoreFixture store) : StreamTests(store), IClassFixture<InfluxDbStoreFixture>;
}
