using System.IO.Compression;
using System.Net;
using System.Text;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>Bodies that are wrong outside: their type, their encoding, their length, their pace.</summary>
public sealed class BadBodyTests(IotServerFixture fixture) : IClassFixture<IotServerFixture>
{
    private const string Good = """{"device":"good","fields":{"v":1}}""";
    private const int MeasurementBytes = 64 << 10;

    [Theory]
    [InlineData(null)]
    [InlineData("application/xml")]
    [InlineData("text/html")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData("application/jsonp")]
    public async Task Media_type_that_is_not_taken_is_refused_with_those_that_are(string? mediaType)
    {
        foreach (var path in new[] { Posting.One, Posting.Many })
        {
            using var response = await fixture.Server.Client().PostBytesAsync(path, Encoding.UTF8.GetBytes(Good), mediaType);

            await response.ShouldFailAsync(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
            Assert.Contains("application/json", string.Join(',', response.Headers.GetValues("Accept")), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON; charset=UTF-8")]
    [InlineData("application/json; charset=\"utf-8\"")]
    public async Task Json_is_taken_however_its_type_is_written(string mediaType)
    {
        using var response = await fixture.Server.Client().PostBytesAsync(Posting.One, Encoding.UTF8.GetBytes(Good), mediaType);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    [Theory]
    [InlineData("deflate")]
    [InlineData("zstd")]
    [InlineData("compress")]
    [InlineData("gzip, gzip")]
    [InlineData("nonsense")]
    public async Task Encoding_that_is_not_taken_is_refused_with_those_that_are(string encoding)
    {
        using var response = await fixture.Server.Client().PostBytesAsync(Posting.One, Encoding.UTF8.GetBytes(Good), encoding: encoding);

        await response.ShouldFailAsync(HttpStatusCode.UnsupportedMediaType, "unsupported_content_encoding");
        Assert.Contains("gzip", string.Join(',', response.Headers.GetValues("Accept-Encoding")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("GZIP")]
    [InlineData("br")]
    [InlineData("identity")]
    public async Task Encodings_of_the_contract_are_taken(string encoding)
    {
        using var response = await fixture.Server.Client().PostBytesAsync(Posting.One, Encode(Encoding.UTF8.GetBytes(Good), encoding), encoding: encoding);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Size_limit_holds_for_what_comes_out_of_the_decompression(string encoding)
    {
        using var atLimit = await fixture.Server.Client().PostBytesAsync(
            Posting.One, Encode(Encoding.UTF8.GetBytes(Good.PadRight(MeasurementBytes)), encoding), encoding: encoding);
        Assert.Equal(HttpStatusCode.Created, atLimit.StatusCode);

        using var beyond = await fixture.Server.Client().PostBytesAsync(
            Posting.One, Encode(Encoding.UTF8.GetBytes(Good.PadRight(MeasurementBytes + 1)), encoding), encoding: encoding);
        await beyond.ShouldFailAsync(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Bomb_of_a_gigabyte_is_refused_without_being_unpacked(string encoding)
    {
        var bomb = Bomb(encoding, megabytes: 1024);
        Assert.InRange(bomb.Length, 100, 4 << 20);
        var before = PeakMemory();

        using var response = await fixture.Server.Client().PostBytesAsync(Posting.Many, bomb, encoding: encoding);

        await response.ShouldFailAsync(HttpStatusCode.RequestEntityTooLarge, "batch_too_large");
        Assert.InRange(PeakMemory() - before, 0, 200L << 20);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Broken_compression_is_refused(string encoding)
    {
        var whole = Encode(Encoding.UTF8.GetBytes(Good), encoding);
        var corrupt = whole.ToArray();
        corrupt[corrupt.Length / 2] ^= 0x55;
        foreach (var body in new[] { Encoding.UTF8.GetBytes(Good), whole[..(whole.Length / 2)], corrupt, [] })
        {
            using var response = await fixture.Server.Client().PostBytesAsync(Posting.One, body, encoding: encoding);

            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{(int)response.StatusCode} {text}");
            Assert.Contains(response.ReadError(text).Code, new[] { "invalid_request", "invalid_json" });
        }
    }

    [Fact]
    public async Task Gzip_without_its_checksum_is_not_taken_for_whole()
    {
        var whole = Encode(Encoding.UTF8.GetBytes("""{"device":"truncated-gzip","fields":{"v":1}}"""), "gzip");

        using var response = await fixture.Server.Client().PostBytesAsync(Posting.One, whole[..^8], encoding: "gzip");

        await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
    }

    [Fact]
    public async Task Body_shorter_than_declared_is_refused_and_stored_nowhere()
    {
        using var connection = await RawConnection.OpenAsync(fixture.Server.Url);
        await connection.SendHeadAsync(Posting.One, fixture.Server.AdminKey, "Content-Length: 500");
        await connection.SendAsync("""{"device":"too-short","fields":{"v":1}}""");
        connection.HalfClose();

        Assert.DoesNotContain(RawConnection.Statuses(await connection.ReadToEndAsync()), status => status is < 400 or >= 500);
        await AssertStoredNothingAsync("too-short");
    }

    [Fact]
    public async Task Body_longer_than_declared_is_refused_and_stored_nowhere()
    {
        using var connection = await RawConnection.OpenAsync(fixture.Server.Url);
        await connection.SendHeadAsync(Posting.One, fixture.Server.AdminKey, "Content-Length: 20");
        await connection.SendAsync("""{"device":"too-long","fields":{"v":1}}""" + "\r\n\r\n");

        Assert.All(Answered(await connection.ReadToEndAsync()), status => Assert.InRange(status, 400, 499));
        await AssertStoredNothingAsync("too-long");
    }

    [Theory]
    [InlineData("Content-Length: -1")]
    [InlineData("Content-Length: twenty")]
    [InlineData("Content-Length: 99999999999999999999")]
    [InlineData("Transfer-Encoding: nonsense")]
    public async Task Length_that_is_none_is_refused(string header)
    {
        using var connection = await RawConnection.OpenAsync(fixture.Server.Url);
        await connection.SendHeadAsync(Posting.One, fixture.Server.AdminKey, header);
        await connection.SendAsync(Good);

        Assert.All(Answered(await connection.ReadToEndAsync()), status => Assert.InRange(status, 400, 499));
        await AssertHealthyAsync();
    }

    [Theory]
    [InlineData("zz\r\n{}\r\n0\r\n\r\n")]
    [InlineData("ffffffffffffffff\r\n{}\r\n")]
    public async Task Broken_chunks_are_refused(string chunks)
    {
        using var connection = await RawConnection.OpenAsync(fixture.Server.Url);
        await connection.SendHeadAsync(Posting.One, fixture.Server.AdminKey, "Transfer-Encoding: chunked");
        await connection.SendAsync(chunks);

        Assert.All(Answered(await connection.ReadToEndAsync()), status => Assert.InRange(status, 400, 499));
        await AssertHealthyAsync();
    }

    [Fact]
    public async Task Size_limit_holds_for_a_body_that_tells_no_length()
    {
        using var connection = await RawConnection.OpenAsync(fixture.Server.Url);
        await connection.SendHeadAsync(Posting.One, fixture.Server.AdminKey, "Transfer-Encoding: chunked", "Connection: close");
        await connection.SendAsync($"{MeasurementBytes + 1:x}\r\n{Good.PadRight(MeasurementBytes + 1)}\r\n0\r\n\r\n");

        var said = await connection.ReadToEndAsync();

        Assert.Equal([413], RawConnection.Statuses(said));
        Assert.Contains("\"body_too_large\"", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slow_body_is_ended_while_others_are_served()
    {
        using var slow = await RawConnection.OpenAsync(fixture.Server.Url);
        await slow.SendHeadAsync(Posting.One, fixture.Server.AdminKey, "Content-Length: 1000");
        var ended = slow.ReadToEndAsync();
        for (var sent = 0; !ended.IsCompleted && sent < 300; sent++)
        {
            await DribbleAsync(slow);
            using var other = await fixture.Server.Client().PostJsonAsync(Posting.One, Good);
            Assert.Equal(HttpStatusCode.Created, other.StatusCode);
            await Task.WhenAny(ended, Eventually.PauseAsync(TimeSpan.FromMilliseconds(100)));
        }

        Assert.True(ended.IsCompleted, "After 30 s and 300 bytes of 1,000 the connection still stands.");
        var said = await ended;
        Assert.All(RawConnection.Statuses(said), status => Assert.Equal(408, status));
        Assert.True(said.Length == 0 || said.Contains("\"request_timeout\"", StringComparison.Ordinal), said);
    }

    private static IReadOnlyList<int> Answered(string said)
    {
        Assert.NotEmpty(said);
        return RawConnection.Statuses(said);
    }

    private static async Task DribbleAsync(RawConnection connection)
    {
        try
        {
            await connection.SendAsync(" ");
        }
        catch (IOException)
        {
            // The server has closed; that the reader has seen, or is about to see.
        }
    }

    private async Task AssertStoredNothingAsync(string device)
    {
        var read = fixture.Server.Client().ReadAllAsync($"device={device}", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Empty(await read.ToListAsync(TestContext.Current.CancellationToken));
    }

    private async Task AssertHealthyAsync()
    {
        using var response = await fixture.Server.Client().PostJsonAsync(Posting.One, Good);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    private long PeakMemory()
    {
        var line = File.ReadLines($"/proc/{fixture.Server.ProcessId}/status").Single(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) << 10;
    }

    private static byte[] Encode(byte[] body, string encoding)
    {
        using var packed = new MemoryStream();
        using (var encoder = Encoder(packed, encoding))
            encoder.Write(body);
        return packed.ToArray();
    }

    private static byte[] Bomb(string encoding, int megabytes)
    {
        using var packed = new MemoryStream();
        using (var encoder = Encoder(packed, encoding))
        {
            var spaces = new byte[1 << 20];
            Array.Fill(spaces, (byte)' ');
            for (var i = 0; i < megabytes; i++)
                encoder.Write(spaces);
        }

        return packed.ToArray();
    }

    private static Stream Encoder(Stream packed, string encoding) => encoding.ToUpperInvariant() switch
    {
        "GZIP" => new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true),
        "BR" => new BrotliStream(packed, CompressionLevel.Optimal, leaveOpen: true),
        _ => new BufferedStream(packed, 1 << 16),
    };
}
