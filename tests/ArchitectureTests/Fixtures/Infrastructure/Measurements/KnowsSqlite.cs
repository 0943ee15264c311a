using Microsoft.Data.Sqlite;

namespace IotBackend.ArchitectureTests.Fixtures.Infrastructure.Measurements;

internal static class KnowsSqlite
{
    public static bool IsConnection(object thing) => thing is SqliteConnection;
}
