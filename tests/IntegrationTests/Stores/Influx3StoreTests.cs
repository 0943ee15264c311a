using Xunit;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>The store in InfluxDB 3.x, held to what is asked of every store.</summary>
public static class Influx3StoreTests
{
    public sealed class Ranges(Influx3StoreFixture store) : RangeTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class Cursors(Influx3StoreFixture store) : CursorTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class Filters(Influx3StoreFixture store) : FilterTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class Latest(Influx3StoreFixture store) : LatestTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class Types(Influx3StoreFixture store) : TypeTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class Rewrites(Influx3StoreFixture store) : RewriteTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class Times(Influx3StoreFixture store) : TimeTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class Deletes(Influx3StoreFixture store) : DeleteTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class Buckets(Influx3StoreFixture store) : BucketTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class Retentions(Influx3StoreFixture store) : RetentionTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class Names(Influx3StoreFixture store) : NameTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class Values(Influx3StoreFixture store) : ValueTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class ManySeries(Influx3StoreFixture store) : SeriesTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class Concurrency(Influx3StoreFixture store) : ConcurrencyTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class Models(Influx3StoreFixture store) : ModelTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class Directories(Influx3StoreFixture store) : DirectoryTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class Sources(Influx3StoreFixture store) : SourceTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class Aggregates(Influx3StoreFixture store) : AggregateTests(store), IClassFixture<Influx3StoreFixture>;

    public sealed class Streams(Influx3StoreFixture store) : StreamTests(store), IClassFixture<Influx3StoreFixture>;
}
