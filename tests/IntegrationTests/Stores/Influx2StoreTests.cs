using Xunit;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>The store in InfluxDB 2.x, held to what is asked of every store.</summary>
public static class Influx2StoreTests
{
    public sealed class Ranges(Influx2StoreFixture store) : RangeTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class Cursors(Influx2StoreFixture store) : CursorTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class Filters(Influx2StoreFixture store) : FilterTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class Latest(Influx2StoreFixture store) : LatestTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class Types(Influx2StoreFixture store) : TypeTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class Rewrites(Influx2StoreFixture store) : RewriteTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class Times(Influx2StoreFixture store) : TimeTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class Deletes(Influx2StoreFixture store) : DeleteTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class Buckets(Influx2StoreFixture store) : BucketTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class Retentions(Influx2StoreFixture store) : RetentionTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class Names(Influx2StoreFixture store) : NameTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class Values(Influx2StoreFixture store) : ValueTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class ManySeries(Influx2StoreFixture store) : SeriesTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class Concurrency(Influx2StoreFixture store) : ConcurrencyTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class Models(Influx2StoreFixture store) : ModelTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class Directories(Influx2StoreFixture store) : DirectoryTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class Sources(Influx2StoreFixture store) : SourceTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class Aggregates(Influx2StoreFixture store) : AggregateTests(store), IClassFixture<Influx2StoreFixture>;

    public sealed class Streams(Influx2StoreFixture store) : StreamTests(store), IClassFixture<Influx2StoreFixture>;
}
