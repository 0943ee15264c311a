using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>Tells an outage of the database from its answers.</summary>
internal static class KeyStoreOutage
{
    private const int ConstraintViolated = 19;
    private const string ConstraintViolatedClass = "23";

    public static bool Is(Exception exception) => !IsConflict(exception) && exception switch
    {
        DbUpdateConcurrencyException => false,
        DbException or TimeoutException or SocketException => true,

        // EF Core wraps what may pass by when it is tried again.
        InvalidOperationException { InnerException: NpgsqlException } => true,
        DbUpdateException { InnerException: { } inner } => Is(inner),
        _ => false,
    };

    /// <summary>True when a row was refused because there is one like it.</summary>
    public static bool IsConflict(Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: ConstraintViolated } => true,
        PostgresException answer => answer.SqlState.StartsWith(ConstraintViolatedClass, StringComparison.Ordinal),
        DbUpdateException { InnerException: { } inner } => IsConflict(inner),
        _ => false,
    };
}
