using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>The key store on SQLite, held to what is asked of both.</summary>
public static class SqliteKeyStoreTests
{
    public sealed class Keys(SqliteKeyStoreFixture store) : KeyTests(store), IClassFixture<SqliteKeyStoreFixture>;

    public sealed class Lists(SqliteKeyStoreFixture store) : ListTests(store), IClassFixture<SqliteKeyStoreFixture>;

    public sealed class Nodes(SqliteKeyStoreFixture store) : NodeTests(store), IClassFixture<SqliteKeyStoreFixture>;

    public sealed class Audits(SqliteKeyStoreFixture store) : AuditTests(store), IClassFixture<SqliteKeyStoreFixture>;

    public sealed class Openings(SqliteKeyStoreFixture store) : OpeningTests(store), IClassFixture<SqliteKeyStoreFixture>;
}
