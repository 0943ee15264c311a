using Microsoft.Data.Sqlite;

namespace IotBackend.Infrastructure.Measurements.Sqlite;

/// <summary>Opens the store's database files and checks that they are whole and of this version.</summary>
internal static class SqliteFile
{
    /// <summary>Opens the file for writing, with a write-ahead log whose commits are on disk when they return.</summary>
    /// <param name="file">Its path; it is made when it is missing.</param>
    /// <param name="pageSize">Bytes a page, when it is made.</param>
    /// <param name="steps">
    /// The first makes an empty file one of version 1, each further one a file of the version before one of the next; their number is
    /// the version that this program knows. What was released once stays as it is.
    /// </param>
    /// <param name="checkUpToBytes">A file up to this long is checked whole.</param>
    /// <param name="use">Takes the open connection over.</param>
    /// <exception cref="StorageStartException">The file can not be opened, is damaged, or is of a newer version.</exception>
    public static T OpenForWriting<T>(
        string file, int pageSize, IReadOnlyList<string> steps, long checkUpToBytes, Func<SqliteConnection, T> use)
    {
        SqliteConnection? connection = null;
        try
        {
            connection = Open(file, SqliteOpenMode.ReadWriteCreate);
            Run(connection, $"PRAGMA page_size={pageSize}; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;");
            Check(connection, file, checkUpToBytes);
            Migrate(connection, file, steps);
            return use(connection);
        }
        catch (Exception exception)
        {
            connection?.Dispose();
            if (exception is SqliteException or IOException or UnauthorizedAccessException)
                throw Translate(file, exception);
            throw;
        }
    }

    public static SqliteConnection OpenForReading(string file) => Open(file, SqliteOpenMode.ReadOnly);

    public static void Run(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is one of this folder's constants.
        command.CommandText = text;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>Lets the file grow by so many pages and no further.</summary>
    public static void LimitGrowth(SqliteConnection connection, long pages)
    {
        using var count = new SqliteStatement(connection, "PRAGMA page_count");
        count.Step();
        var limit = count.Int64(0) + pages;
        count.Reset();
        using var set = new SqliteStatement(connection, $"PRAGMA max_page_count={limit}");
        set.Step();
        set.Reset();
    }

    /// <summary>One line for an operator: what is wrong with the file, and what to do.</summary>
    public static StorageStartException Translate(string file, Exception exception) => new($"{file} can not be used: {Remedy(exception)}", exception);

    private static string Remedy(Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: 1 } => "it is not a file of this program, or not whole. Restore it from a backup, or move it away.",
        SqliteException { SqliteErrorCode: 8 } => "it is read-only. Give this user the right to write it and its folder.",
        SqliteException { SqliteErrorCode: 11 or 26 } or InvalidDataException => "it is damaged. Restore it from a backup, or move it away to go on without what it holds.",
        SqliteException { SqliteErrorCode: 13 } => "the disk is full. Make room and start again.",
        SqliteException { SqliteErrorCode: 5 or 6 } => "another process holds it. Stop that one first.",
        SqliteException { SqliteErrorCode: 14 } or UnauthorizedAccessException => "it can not be opened. Check the rights of its folder, or set Data:Path.",
        _ => exception.Message,
    };

    private static SqliteConnection Open(string file, SqliteOpenMode mode)
    {
        var text = new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false, DefaultTimeout = 10 };
        var connection = new SqliteConnection(text.ToString());
        connection.Open();
        Run(connection, "PRAGMA busy_timeout=5000");
        return connection;
    }

    private static void Check(SqliteConnection connection, string file, long checkUpToBytes)
    {
        if (new FileInfo(file) is not { Exists: true } info || info.Length > checkUpToBytes)
            return;
        using var check = new SqliteStatement(connection, "PRAGMA quick_check(1)");
        if (check.Step() && check.Text(0) is not "ok" and var wrong)
            throw new SqliteException(wrong, SQLitePCL.raw.SQLITE_CORRUPT);
    }

    // Each step is one transaction: whenever the process ends, the file is of one version or of the next.
    private static void Migrate(SqliteConnection connection, string file, IReadOnlyList<string> steps)
    {
        var found = ReadVersion(connection);
        if ((uint)found > steps.Count)
            throw new StorageStartException($"{file} was written by a newer version of this program (format {found}, this one knows {steps.Count}). Start that version.");
        for (var version = found; version < steps.Count; version++)
            Run(connection, $"BEGIN IMMEDIATE; {steps[version]} PRAGMA user_version={version + 1}; COMMIT;");
    }

    private static int ReadVersion(SqliteConnection connection)
    {
        using var read = new SqliteStatement(connection, "PRAGMA user_version");
        read.Step();
        return (int)read.Int64(0);
    }
}
