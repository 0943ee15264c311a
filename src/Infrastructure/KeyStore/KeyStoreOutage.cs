using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>Tells an outage of the database from its answers, and both from bugs of this program.</summary>
internal static class KeyStoreOutage
{
    private const int ConstraintViolated = 19;

    // Classes of SQLSTATE, as the SQL standard has them.
    private const string BadDataClass = "22";
    private const string ConstraintViolatedClass = "23";
    private const string RolledBackClass = "40";

    public static bool Is(Exception exception) => !IsConflict(exception) && exception switch
    {
        DbUpdateConcurrencyException => false,

        // A value that the column can not hold should not have come this far.
        PostgresException answer => !answer.IsOfClass(BadDataClass),
        DbException or TimeoutException or SocketException => true,

        // EF Core wraps what may pass by when it is tried again.
        InvalidOperationException { InnerException: NpgsqlException inner } => Is(inner),
        DbUpdateException { InnerException: { } inner } => Is(inner),
        _ => false,
    };

    /// <summary>True when a row was refused because there is one like it, or because somebody changed what was read at the same moment.</summary>
    public static bool IsConflict(Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: ConstraintViolated } => true,
        PostgresException answer => answer.IsOfClass(ConstraintViolatedClass) || answer.IsOfClass(RolledBackClass),
        InvalidOperationException { InnerException: NpgsqlException inner } => IsConflict(inner),
        DbUpdateException { InnerException: { } inner } => IsConflict(inner),
        _ => false,
    };

    private static bool IsOfClass(this PostgresException answer, string code) => answer.SqlState.StartsWith(code, StringComparison.Ordinal);
}
