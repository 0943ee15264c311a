using Xunit;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>The store on SQLite, held to what is asked of every store.</summary>
public static class EmbeddedStoreTests
{
    public sealed class Ranges(EmbeddedStoreFixture store) : RangeTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class Cursors(EmbeddedStoreFixture store) : CursorTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class Filters(EmbeddedStoreFixture store) : FilterTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class Latest(EmbeddedStoreFixture store) : LatestTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class Types(EmbeddedStoreFixture store) : TypeTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class Rewrites(EmbeddedStoreFixture store) : RewriteTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class Times(EmbeddedStoreFixture store) : TimeTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class Deletes(EmbeddedStoreFixture store) : DeleteTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class Buckets(EmbeddedStoreFixture store) : BucketTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class Retentions(EmbeddedStoreFixture store) : RetentionTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class Names(EmbeddedStoreFixture store) : NameTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class Values(EmbeddedStoreFixture store) : ValueTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class ManySeries(EmbeddedStoreFixture store) : SeriesTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class Concurrency(EmbeddedStoreFixture store) : ConcurrencyTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class Models(EmbeddedStoreFixture store) : ModelTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class Directories(EmbeddedStoreFixture store) : DirectoryTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class Sources(EmbeddedStoreFixture store) : SourceTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class Aggregates(EmbeddedStoreFixture store) : AggregateTests(store), IClassFixture<EmbeddedStoreFixture>;

    public sealed class Streams(EmbeddedStoreFixture store) : StreamTests(store), IClassFixture<EmbeddedStoreFixture>;
}
