using System.Text;
using CsCheck;
using IotBackend.Infrastructure.Measurements.InfluxDb;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.InfluxDb;

public sealed class InfluxQlTests
{
    [Theory]
    [InlineData("climate", "\"climate\"")]
    [InlineData("measurements", "\"measurements\"")]
    [InlineData("two words", "\"two words\"")]
    [InlineData("a\"b", "\"a\\\"b\"")]
    [InlineData("a\\b", "\"a\\\\b\"")]
    [InlineData("a\nb", "\"a\\nb\"")]
    [InlineData("a'b;--", "\"a'b;--\"")]
    [InlineData("Ärger", "\"Ärger\"")]
    public void Names_are_quoted(string name, string written) => Assert.Equal(written, new InfluxQl(true).AppendName(name).Text);

    [Theory]
    [InlineData("plain", "'plain'")]
    [InlineData("a'b", "'a\\'b'")]
    [InlineData("a\\", "'a\\\\'")]
    [InlineData("a\nb", "'a\\nb'")]
    [InlineData("' OR 1=1; DROP DATABASE x --", "'\\' OR 1=1; DROP DATABASE x --'")]
    [InlineData("a,b=c \"d\"", "'a,b=c \"d\"'")]
    [InlineData("$v0", "'$v0'")]
    public void Values_are_quoted_where_they_can_not_be_bound(string value, string written) =>
        Assert.Equal(written, new InfluxQl(bindsValues: false).AppendValue(value).Text);

    [Fact]
    public void Values_are_bound_where_they_can_be()
    {
        var statement = new InfluxQl(bindsValues: true).AppendValue("' OR 1=1").Append(" ").AppendValue("b");

        Assert.Equal("$v0 $v1", statement.Text);
        Assert.Equal(new Dictionary<string, string> { ["v0"] = "' OR 1=1", ["v1"] = "b" }, statement.Values);
    }

    [Theory]
    [InlineData("greenhouse-", "/^greenhouse-/")]
    [InlineData("a.b", "/^a\\x{2e}b/")]
    [InlineData("a/b", "/^a\\x{2f}b/")]
    [InlineData("(x|y)*", "/^\\x{28}x\\x{7c}y\\x{29}\\x{2a}/")]
    [InlineData("ü 1", "/^\\x{fc}\\x{20}1/")]
    [InlineData("", "/^/")]
    public void Prefixes_are_literal_in_regular_expressions(string prefix, string written) =>
        Assert.Equal(written, new InfluxQl(true).AppendPrefix(prefix).Text);

    [Fact]
    public void Whatever_a_name_or_value_holds_it_reads_back_as_one_literal() => Gen.String[Gen.Char["ab'\"\\\n;- $/*ü\u001A"], 0, 20].Sample(text =>
    {
        Assert.Equal(text, ReadLiteral(new InfluxQl(false).AppendName(text).Text, '"'));
        Assert.Equal(text, ReadLiteral(new InfluxQl(false).AppendValue(text).Text, '\''));
    });

    // As InfluxDB's scanner reads one literal; anything after it, or an escape that it does not know, is a failure.
    private static string ReadLiteral(string text, char quote)
    {
        Assert.Equal(quote, text[0]);
        var read = new StringBuilder();
        for (var i = 1; ; i++)
        {
            Assert.NotEqual('\n', text[i]);
            if (text[i] == quote)
            {
                Assert.Equal(text.Length - 1, i);
                return read.ToString();
            }

            if (text[i] != '\\')
            {
                read.Append(text[i]);
                continue;
            }

            i++;
            Assert.True(text[i] == '\\' || text[i] == quote || text[i] == 'n', $"\\{text[i]} is no escape.");
            read.Append(text[i] == 'n' ? '\n' : text[i]);
        }
    }
}
