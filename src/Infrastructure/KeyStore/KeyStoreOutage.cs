using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>Tells an outage of the database from its answers.</summary>
internal static class KeyStoreOutage
{
    private const int ConstraintViolated = 19;

    public static bool Is(Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: ConstraintViolated } => false,
        DbException or TimeoutException => true,
        DbUpdateException { InnerException: { } inner } => Is(inner),
        _ => false,
    };
}
