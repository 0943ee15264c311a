using System.Text;
using CsCheck;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
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

    [Theory]
    [InlineData(long.MinValue, "-9223372036854775806")]
    [InlineData(long.MaxValue, "9223372036854775806")]
    [InlineData(0, "0")]
    public void Times_stay_within_what_InfluxDB_knows(long time, string written) =>
        Assert.Equal(written, new InfluxQl(true).AppendTime(new Timestamp(time)).Text);

    [Fact]
    public void Whatever_a_name_or_value_holds_it_reads_back_as_one_literal() => Gen.String[Gen.Char["ab'\"\\\n;- $/*ü\u001A"], 0, 20].Sample(text =>
    {
        Assert.Equal(text, ReadLiteral(new InfluxQl(false).AppendName(text).Text, '"'));
        Assert.Equal(text, ReadLiteral(new InfluxQl(false).AppendValue(text).Text, '\''));
    });

    [Fact]
    public void A_filter_becomes_clauses()
    {
        var filter = new MeasurementFilter(
            BucketName.Default, ["a", "b's"], ["climate", "my power"], ["time", "t\"x"], [new("device", "z\\")], DeviceSet.All);
        var range = new TimeRange(new Timestamp(10), new Timestamp(20));

        var statement = new InfluxQl(false).Append("SELECT ").AppendFields(filter).AppendFrom(filter).AppendWhere(filter, range);

        Assert.Equal(
            "SELECT \"__time\"::field,\"t\\\"x\"::field FROM \"climate\",\"my power\" WHERE (\"device\"::tag = 'a' OR \"device\"::tag = 'b\\'s') "
            + "AND \"__device\"::tag = 'z\u001A' AND time >= 10 AND time <= 19",
            statement.Text);
    }

    [Fact]
    public void Devices_that_the_caller_may_not_see_are_not_asked_for()
    {
        var filter = new MeasurementFilter(
            BucketName.Default, ["green-1", "red-1"], [], [], [], new DeviceSet([DevicePattern.Parse("green-*")]));

        Assert.Equal("(\"device\"::tag = 'green-1')", DevicesOf(filter));
        Assert.Equal("(\"device\"::tag =~ /^green-/)", DevicesOf(filter with { Devices = [] }));
        Assert.Equal("\"device\"::tag = '_'", DevicesOf(filter with { Devices = ["red-1"] }));
    }

    private static string DevicesOf(MeasurementFilter filter)
    {
        var text = new InfluxQl(false).AppendWhere(filter, new TimeRange(new Timestamp(0), new Timestamp(1))).Text;
        return text[" WHERE ".Length..text.IndexOf(" AND time", StringComparison.Ordinal)];
    }

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
