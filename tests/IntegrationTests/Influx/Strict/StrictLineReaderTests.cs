using Xunit;

namespace IotBackend.IntegrationTests.Influx.Strict;

public sealed class StrictLineReaderTests
{
    [Fact]
    public void Names_and_values_lose_their_escapes()
    {
        var line = StrictLineReader.Read(@"my\ climate,a\=b=x\,y\ z\=0,q=""v"" t\,1=1.5E-07,s=""a \""b\"" \\ c"",b=true -12", LineGrammar.Version2);

        Assert.Equal("my climate", line.Measurement);
        Assert.Equal([KeyValuePair.Create("a=b", "x,y z=0"), KeyValuePair.Create("q", "\"v\"")], line.Tags);
        Assert.Equal(
            [new StrictField("t,1", "float", "1.5E-07"), new StrictField("s", "string", @"""a \""b\"" \\ c"""), new StrictField("b", "boolean", "true")],
            line.Fields);
        Assert.Equal(-12, line.Time);
    }

    [Theory]
    [InlineData(@"a\\x", @"a\\x", @"a\x")]
    [InlineData(@"a\x", @"a\x", @"a\x")]
    [InlineData(@"a\\\,x", @"a\\,x", @"a\,x")]
    public void Two_backslashes_are_one_in_3_alone(string written, string in2, string in3)
    {
        Assert.Equal(in2, StrictLineReader.Read($"m,t={written} v=1 1", LineGrammar.Version2).Tags.Single().Value);
        Assert.Equal(in3, StrictLineReader.Read($"m,t={written} v=1 1", LineGrammar.Version3).Tags.Single().Value);
    }

    [Fact]
    public void A_line_means_the_same_in_1_as_it_did_in_3()
    {
        var line = StrictLineReader.Read(@"m,t=a\\x\,y s=""\\"" 1", LineGrammar.Version3);

        Assert.Equal("m,t=a\\x\\,y s=\"\\\\\" 1\n", line.ToVersion1());
    }

    [Theory]
    [InlineData("m")]
    [InlineData("m v=1 1 ")]
    [InlineData("m  v=1")]
    [InlineData(" m v=1")]
    [InlineData("m v=1  1")]
    [InlineData("m v=1\t1")]
    [InlineData("m,t= v=1")]
    [InlineData("m,=t v=1")]
    [InlineData("m,t=a=b v=1")]
    [InlineData("m,t=1,t=2 v=1")]
    [InlineData(@"m,t=a\ v=1")]
    [InlineData("m v=")]
    [InlineData("m v=.5")]
    [InlineData("m v=5.")]
    [InlineData("m v=+5")]
    [InlineData("m v=NaN")]
    [InlineData("m v=tRUE")]
    [InlineData("m v=\"a")]
    [InlineData("m v=\"a\"b\"")]
    [InlineData("m v=1,")]
    [InlineData("m v=1 9223372036854775807")]
    [InlineData("m v=1 1.5")]
    [InlineData("# v=1 1")]
    public void What_is_not_line_protocol_is_refused(string line)
    {
        Assert.Throws<LineException>(() => StrictLineReader.Read(line, LineGrammar.Version2));
        Assert.Throws<LineException>(() => StrictLineReader.Read(line, LineGrammar.Version3));
    }

    [Fact]
    public void A_field_given_twice_is_refused_in_3_alone()
    {
        Assert.Throws<LineException>(() => StrictLineReader.Read("m v=1,v=2 1", LineGrammar.Version3));
        Assert.Equal(2, StrictLineReader.Read("m v=1,v=2 1", LineGrammar.Version2).Fields.Count);
    }

    [Fact]
    public void An_end_of_line_in_quotes_is_data()
    {
        string[] lines = ["m,t=\"x v=\"a\nb \\\" =\n\" 1", "n v=1 2"];

        Assert.Equal(lines, StrictLineReader.Split(string.Concat(lines.Select(line => line + "\n"))));
    }
}
