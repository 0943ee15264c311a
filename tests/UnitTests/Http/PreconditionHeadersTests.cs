using IotBackend.Api.Http;
using IotBackend.Application.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace IotBackend.UnitTests.Http;

public sealed class PreconditionHeadersTests
{
    [Fact]
    public void Without_headers_nothing_is_asked() => Assert.Equal(Precondition.None, Read(null, null));

    [Fact]
    public void Star_asks_for_a_thing_that_exists_or_for_none()
    {
        Assert.Equal(Precondition.Exists, Read("*", null));
        Assert.Equal(Precondition.IsNew, Read(null, "*"));
    }

    [Theory]
    [InlineData("\"a\"", "a")]
    [InlineData("\"a\",\"b\" , \"c\"", "a b c")]
    [InlineData("W/\"a\", \"b\"", "b")]
    [InlineData("W/\"a\"", "")]
    [InlineData("\"\"", "")]
    public void ETags_are_named_without_their_quotes_and_weak_ones_match_nothing(string header, string versions)
    {
        var precondition = Read(header, null);

        Assert.Equal(PreconditionKind.IsOneOf, precondition.Kind);
        Assert.Equal(versions, string.Join(' ', precondition.Versions));
    }

    [Fact]
    public void Several_headers_are_one_list()
    {
        var headers = new HeaderDictionary { ["If-Match"] = new StringValues(["\"a\"", "\"b\""]) };

        Assert.Equal(["a", "b"], PreconditionHeaders.Read(headers, (_, message) => Assert.Fail(message)).Versions);
    }

    [Theory]
    [InlineData("", null, "If-Match")]
    [InlineData("abc", null, "If-Match")]
    [InlineData("\"a", null, "If-Match")]
    [InlineData("*, \"a\"", null, "If-Match")]
    [InlineData("\"a\" \"b\"", null, "If-Match")]
    [InlineData(null, "\"a\"", "If-None-Match")]
    [InlineData(null, "", "If-None-Match")]
    [InlineData("*", "*", "If-None-Match")]
    public void What_can_not_be_asked_is_a_fault_of_its_header(string? match, string? noneMatch, string fault)
    {
        var faults = new List<string>();
        PreconditionHeaders.Read(HeadersOf(match, noneMatch), (header, _) => faults.Add(header));
        Assert.Equal(fault, Assert.Single(faults));
    }

    private static Precondition Read(string? match, string? noneMatch) =>
        PreconditionHeaders.Read(HeadersOf(match, noneMatch), (header, message) => Assert.Fail($"{header}: {message}"));

    private static HeaderDictionary HeadersOf(string? match, string? noneMatch)
    {
        var headers = new HeaderDictionary();
        if (match is not null)
            headers["If-Match"] = match;
        if (noneMatch is not null)
            headers["If-None-Match"] = noneMatch;
        return headers;
    }
}
