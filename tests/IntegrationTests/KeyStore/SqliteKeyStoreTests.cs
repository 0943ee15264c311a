using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>The key store on SQLite, held to what is asked of both.</summary>
public static class SqliteKeyStoreTests
{
    public sealed class Keys(SqliteKeyStoreFixture store) : KeyTests(store), IClassFixture<SqliteKeyStoreFixture>;

    public sealed class Lists(SqliteKeyStoreFixture store) : ListTests(store), IClassFixture<SqliteKeyStoreFixture>;

    public sealed class Nodes(SqliteKeyStoreFixture store) : NodeTests(store), IClassFixture<SqliteKeyStoreFixture>;

    public sealed class Audits(SqliteKeyStoreFixture store) : AuditTests(store), IClassFixture<SqliteKeyStoreFixture>;

    public sealed class AuditLists(SqliteKeyStoreFixture store) : AuditListTests(store), IClassFixture<SqliteKeyStoreFixture>;

    public sealed class AuditUpkeeps(SqliteKeyStoreFixture store) : AuditUpkeepTests(store), IClassFixture<SqliteKeyStoreFixture>;

    public sealed class Tiers(SqliteKeyStoreFixture store) : TierStoreTests(store), IClassFixture<SqliteKeyStoreFixture>;

    public sealed class Usages(SqliteKeyStoreFixture store) : UsageStoreTests(store), IClassFixture<SqliteKeyStoreFixture>;

    public sealed class Blocks(SqliteKeyStoreFixture store) : BlockStoreTests(store), IClassFixture<SqliteKeyStoreFixture>;

    public sealed class BlockNodes(SqliteKeyStoreFixture store) : BlockNodeTests(store), IClassFixture<SqliteKeyStoreFixture>;

    public sealed class Leases(SqliteKeyStoreFixture store) : LeaseTests(store), IClassFixture<SqliteKeyStoreFixture>;

    public sealed class Idempotency(SqliteKeyStoreFixture store) : IdempotencyStoreTests(store), IClassFixture<SqliteKeyStoreFixture>;

    public sealed class Devices(SqliteKeyStoreFixture store) : DeviceStoreTests(store), IClassFixture<SqliteKeyStoreFixture>;

    public sealed class Openings(SqliteKeyStoreFixture store) : OpeningTests(store), IClassFixture<SqliteKeyStoreFixture>;
}
