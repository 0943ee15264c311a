using System.Net.Sockets;
using Npgsql;

namespace IotBackend.Infrastructure.KeyStore.PostgreSql;

/// <summary>What an operator does about a database that can not be opened. None of these texts holds a password.</summary>
internal static class PostgreSqlRemedy
{
    public static string For(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword } => "the user or the password is wrong. Check KeyStore:ConnectionString.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidAuthorizationSpecification } answer => answer.MessageText + ". Check KeyStore:ConnectionString.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => "there is no such database. Create it, or check KeyStore:ConnectionString.",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } => "the user may not use or make its tables there. Make it the owner of the database.",
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => "it is read-only, perhaps a standby. Name the primary server.",
        PostgresException answer => answer.MessageText + ".",
        NpgsqlException { InnerException: SocketException or IOException or TimeoutException } or SocketException or TimeoutException =>
            "the server does not answer. Check KeyStore:ConnectionString, and that the server runs.",
        NpgsqlException => exception.Message,

        // EF Core wraps what may pass by when it is tried again.
        { InnerException: { } inner } => For(inner),
        _ => exception.Message,
    };
}
