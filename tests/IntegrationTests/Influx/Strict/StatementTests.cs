using Xunit;

namespace IotBackend.IntegrationTests.Influx.Strict;

public sealed class StatementTests
{
    [Fact]
    public void Statements_end_at_semicolons_outside_of_quotes()
    {
        var statements = Statement.Read("""SELECT "a;b" FROM "m" WHERE "t" = 'x;y' AND "u" =~ /;/ ; SHOW FIELD KEYS;""");

        Assert.Equal(["""SELECT "a;b" FROM "m" WHERE "t" = 'x;y' AND "u" =~ /;/""", "SHOW FIELD KEYS"], statements.Select(statement => statement.Text));
    }

    [Fact]
    public void Words_in_quotes_are_no_words()
    {
        var statement = Statement.Read("""select "into" from /^into/ where "t" = 'slimit' and time >= -5 limit 1""").Single();

        Assert.True(statement.Begins("SELECT"));
        Assert.True(statement.Has("LIMIT"));
        Assert.False(statement.Has("INTO"));
        Assert.False(statement.Has("SLIMIT"));
        Assert.False(statement.HasParameter);
    }

    [Fact]
    public void Parameters_are_seen() => Assert.True(Statement.Read("""SELECT * FROM "m" WHERE "t" = $v0""").Single().HasParameter);

    [Theory]
    [InlineData("""SELECT 'a\"b' FROM m""")]
    [InlineData("""SELECT "a\'b" FROM m""")]
    [InlineData("""SELECT 'a\x' FROM m""")]
    [InlineData("SELECT 'a\nb' FROM m")]
    [InlineData("SELECT 'a FROM m")]
    [InlineData("SELECT \"a FROM m")]
    [InlineData("SELECT * FROM /a")]
    [InlineData("SELECT * FROM m /* all */")]
    [InlineData("SELECT * FROM mé")]
    public void What_not_all_versions_understand_is_a_deviation(string statement) =>
        Assert.Throws<DeviationException>(() => Statement.Read(statement));
}
