using System.IO.Compression;
using System.Text;
using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Domain.Results;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace IotBackend.UnitTests.Formats;

/// <summary>A compressed body is taken whole or not at all: lines that are missing would be acknowledged, and a torn one stored.</summary>
public sealed class RequestBodyTests
{
    private static readonly byte[] Lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 40).Select(i => $"climate,device=d{i * 7919 % 101} v={i * 31 % 97}.5 {i}\n")));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Whole_body_is_taken_as_it_was(string encoding)
    {
        using var body = await ReadAsync(Encode(Lines, encoding), encoding, Lines.Length);

        Assert.Null(body.Error);
        Assert.Equal(Lines, body.Bytes.ToArray());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task One_byte_beyond_the_limit_is_too_large(string encoding)
    {
        using var body = await ReadAsync(Encode(Lines, encoding), encoding, Lines.Length - 1);

        Assert.Equal(ErrorCodes.BatchTooLarge, body.Error!.Code);
        Assert.Equal(Lines.Length - 1, body.Error.Details["limitBytes"]);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Body_that_breaks_off_anywhere_is_refused(string encoding)
    {
        var whole = Encode(Lines, encoding);
        for (var length = 0; length < whole.Length; length++)
            await ShouldBeRefusedAsync(whole[..length], encoding, $"cut at {length} of {whole.Length}");
    }

    [Fact]
    public async Task Second_member_that_breaks_off_anywhere_is_refused()
    {
        var first = Encode(Lines, "gzip");
        byte[] whole = [.. first, .. Encode(Lines, "gzip")];
        for (var length = first.Length + 1; length < whole.Length; length++)
            await ShouldBeRefusedAsync(whole[..length], "gzip", $"cut at {length} of {whole.Length}");
    }

    [Fact]
    public async Task Members_that_follow_each_other_are_one_body()
    {
        using var body = await ReadAsync([.. Encode(Lines, "gzip"), .. Encode([], "gzip"), .. Encode(Lines, "gzip")], "gzip", 1 << 20);

        Assert.Null(body.Error);
        Assert.Equal([.. Lines, .. Lines], body.Bytes.ToArray());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task What_stands_behind_the_end_is_refused(string encoding)
    {
        await ShouldBeRefusedAsync([.. Encode(Lines, encoding), 0], encoding, "a zero behind");
        await ShouldBeRefusedAsync([.. Encode(Lines, encoding), .. "junk"u8], encoding, "junk behind");
    }

    private static async Task ShouldBeRefusedAsync(byte[] bytes, string encoding, string what)
    {
        using var body = await ReadAsync(bytes, encoding, 1 << 20);
        Assert.True(body.Error is { Code: ErrorCodes.InvalidRequest }, $"{what}: {body.Error?.Code ?? "taken"}, {body.Bytes.Length} bytes");
    }

    private static async Task<RequestBody> ReadAsync(byte[] bytes, string encoding, int limit)
    {
        var options = Options.Create(new OverloadOptions());
        var services = new ServiceCollection().AddSingleton(new BodyAllowance(new BodyBudget(options), options, TimeProvider.System)).BuildServiceProvider();
        var context = new DefaultHttpContext { RequestServices = services };
        context.Request.Body = new MemoryStream(bytes);
        context.Request.ContentLength = bytes.Length;
        context.Request.Headers.ContentEncoding = encoding;
        return await RequestBody.ReadAsync(context.Request, limit, ErrorCodes.BatchTooLarge, Cancellation);
    }

    private static byte[] Encode(byte[] plain, string encoding)
    {
        using var encoded = new MemoryStream();
        using (Stream encoder = encoding == "gzip" ? new GZipStream(encoded, CompressionLevel.Optimal) : new BrotliStream(encoded, CompressionLevel.Optimal))
            encoder.Write(plain);
        return encoded.ToArray();
    }
}
