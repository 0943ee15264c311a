using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>The key store on PostgreSQL, held to what is asked of both.</summary>
public static class PostgreSqlKeyStoreTests
{
    public sealed class Keys(PostgreSqlKeyStoreFixture store) : KeyTests(store), IClassFixture<PostgreSqlKeyStoreFixture>;

    public sealed class Lists(PostgreSqlKeyStoreFixture store) : ListTests(store), IClassFixture<PostgreSqlKeyStoreFixture>;

    public sealed class Nodes(PostgreSqlKeyStoreFixture store) : NodeTests(store), IClassFixture<PostgreSqlKeyStoreFixture>;

    public sealed class Audits(PostgreSqlKeyStoreFixture store) : AuditTests(store), IClassFixture<PostgreSqlKeyStoreFixture>;

    public sealed class AuditLists(PostgreSqlKeyStoreFixture store) : AuditListTests(store), IClassFixture<PostgreSqlKeyStoreFixture>;

    public sealed class AuditUpkeeps(PostgreSqlKeyStoreFixture store) : AuditUpkeepTests(store), IClassFixture<PostgreSqlKeyStoreFixture>;

    public sealed class Tiers(PostgreSqlKeyStoreFixture store) : TierStoreTests(store), IClassFixture<PostgreSqlKeyStoreFixture>;

    public sealed class Usages(PostgreSqlKeyStoreFixture store) : UsageStoreTests(store), IClassFixture<PostgreSqlKeyStoreFixture>;

    public sealed class Blocks(PostgreSqlKeyStoreFixture store) : BlockStoreTests(store), IClassFixture<PostgreSqlKeyStoreFixture>;

    public sealed class BlockNodes(PostgreSqlKeyStoreFixture store) : BlockNodeTests(store), IClassFixture<PostgreSqlKeyStoreFixture>;

    public sealed class Leases(PostgreSqlKeyStoreFixture store) : LeaseTests(store), IClassFixture<PostgreSqlKeyStoreFixture>;

    public sealed class Idempotency(PostgreSqlKeyStoreFixture store) : IdempotencyStoreTests(store), IClassFixture<PostgreSqlKeyStoreFixture>;

    public sealed class Devices(PostgreSqlKeyStoreFixture store) : DeviceStoreTests(store), IClassFixture<PostgreSqlKeyStoreFixture>;

    public sealed class Openings(PostgreSqlKeyStoreFixture store) : OpeningTests(store), IClassFixture<PostgreSqlKeyStoreFixture>;
}
