using IotBackend.Infrastructure;
using IotBackend.Infrastructure.Measurements.Sqlite;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Sqlite;

/// <summary>How a database file is led from version to version.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private const string First = "CREATE TABLE one(x INTEGER); INSERT INTO one VALUES (1);";
    private const string Second = "CREATE TABLE two(x INTEGER); INSERT INTO two SELECT x + 1 FROM one;";
    private const string Third = "INSERT INTO two SELECT x + 1 FROM two;";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("iot-sqlite-");

    [Fact]
    public void A_new_file_is_led_through_all_steps() => Assert.Equal((3, 2), (Version(First, Second, Third), Count(First, Second, Third)));

    [Fact]
    public void A_file_of_an_older_version_is_led_through_the_steps_that_it_lacks()
    {
        Assert.Equal(1, Version(First));
        Assert.Equal((3, 2), (Version(First, Second, Third), Count(First, Second, Third)));
    }

    [Fact]
    public void A_file_of_this_version_stays_as_it_is()
    {
        Count(First, Second, Third);

        Assert.Equal((3, 2), (Version(First, Second, Third), Count(First, Second, Third)));
    }

    [Fact]
    public void A_step_that_fails_leaves_the_file_at_the_version_before_it()
    {
        const string broken = "INSERT INTO two VALUES (7); INSERT INTO nowhere VALUES (1);";
        Assert.Throws<StorageStartException>(() => Version(First, Second, broken));

        Assert.Equal((2, 1), (Version(First, Second), Count(First, Second)));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-1)]
    public void A_file_of_a_version_that_is_not_known_is_refused(int version)
    {
        Assert.Equal(3, Version(First, Second, Third));
        Open([First, Second, Third], connection => SqliteFile.Run(connection, $"PRAGMA user_version={version}"));

        var refusal = Assert.Throws<StorageStartException>(() => Version(First, Second, Third)).Message;

        Assert.Contains($"format {version}, this one knows 3", refusal, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private int Version(params string[] steps) => Read(steps, "PRAGMA user_version");

    private int Count(params string[] steps) => Read(steps, "SELECT count(*) FROM two");

    private int Read(string[] steps, string sql)
    {
        var value = 0;
        Open(steps, connection =>
        {
            using var statement = new SqliteStatement(connection, sql);
            statement.Step();
            value = (int)statement.Int64(0);
        });
        return value;
    }

    private void Open(string[] steps, Action<Microsoft.Data.Sqlite.SqliteConnection> use) =>
        SqliteFile.OpenForWriting(Path.Combine(_folder.FullName, "file.db"), 4096, steps, long.MaxValue, connection =>
        {
            use(connection);
            return connection;
        }).Dispose();
}
