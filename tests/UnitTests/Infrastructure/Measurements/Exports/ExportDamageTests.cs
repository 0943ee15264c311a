using System.IO.Compression;
using System.Text;
using IotBackend.Application.Measurements.Transfer;
using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.Exports;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Exports;

public sealed class ExportDamageTests : IAsyncLifetime
{
    private const int Measurements = 8_000;

    private readonly ExportFolder _folder = new();
    private byte[] _whole = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _folder.WriteAsync((Bucket.Default, [.. ExportFolder.Numbers("d", Measurements)]));
        _whole = await File.ReadAllBytesAsync(_folder.File, Cancelled);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Torn_file_is_told_wherever_it_is_torn()
    {
        var random = new Random(3);
        foreach (var length in Enumerable.Range(0, 40).Select(_ => random.Next(_whole.Length)).Append(0).Append(_whole.Length - 1))
            Assert.Matches("torn|not complete", await FailureOfAsync(_whole[..length]));
    }

    [Fact]
    public async Task File_without_its_last_block_is_not_complete() =>
        Assert.Contains("not complete", await FailureOfAsync(Join(Blocks().SkipLast(1))), StringComparison.Ordinal);

    [Fact]
    public async Task Changed_byte_is_told_wherever_it_is()
    {
        var random = new Random(4);
        for (var round = 0; round < 100; round++)
        {
            var changed = _whole.ToArray();
            changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));

            Assert.Matches("damaged|torn|no export", await FailureOfAsync(changed));
        }
    }

    [Fact]
    public async Task Missing_block_is_told() =>
        Assert.Contains("checksum", await FailureOfAsync(Join(Blocks().Where((_, i) => i != 3))), StringComparison.Ordinal);

    [Fact]
    public async Task Doubled_block_is_told() =>
        Assert.Contains("checksum", await FailureOfAsync(Join(Blocks().SelectMany((block, i) => i == 3 ? new[] { block, block } : [block]))), StringComparison.Ordinal);

    [Fact]
    public async Task Blocks_that_stand_elsewhere_are_told() =>
        Assert.Contains("does not belong", await FailureOfAsync(Join(Blocks().Where((_, i) => i != 1))), StringComparison.Ordinal);

    [Fact]
    public async Task Wrong_checksum_is_told()
    {
        // Packed properly, as by somebody who changed a number.
        var blocks = Blocks();
        var content = Encoding.UTF8.GetString(Unpack(blocks[3])).Replace("=\"number 3000\"", "=\"number 3001\"", StringComparison.Ordinal);
        var changed = new MemoryStream();
        GzipBlock.Write(changed, Encoding.UTF8.GetBytes(content), []);
        blocks[3] = changed.ToArray();

        var failure = await FailureOfAsync(Join(blocks));

        Assert.Matches("checksum of the bucket 'default' is [0-9a-f]{16} there", failure);
    }

    [Fact]
    public async Task Newer_format_is_told_to_reader_and_writer()
    {
        var newer = new MemoryStream();
        GzipBlock.Write(newer, new HeaderNote(2, "id", DateTimeOffset.UnixEpoch, ["default"], null, null).ToLine(), []);
        var file = Join([newer.ToArray(), .. Blocks().Skip(1)]);

        Assert.Contains("version 2", await FailureOfAsync(file), StringComparison.Ordinal);
        var exception = await Assert.ThrowsAsync<ExportFileException>(() => _folder.Files.ContinueAsync(_folder.File, Cancelled).AsTask());
        Assert.Contains("version 2", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anything_else_is_no_export()
    {
        var packedAnew = new MemoryStream();
        await using (var gzip = new GZipStream(packedAnew, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(_whole, Cancelled);

        Assert.Contains("no export", await FailureOfAsync(packedAnew.ToArray()), StringComparison.Ordinal);
        Assert.Contains("no export", await FailureOfAsync(Encoding.UTF8.GetBytes(new string('x', 1000))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_before_the_end_is_not_cut_off_when_a_file_is_continued()
    {
        var changed = _whole.ToArray();
        changed[_whole.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(_folder.File, changed, Cancelled);

        var exception = await Assert.ThrowsAsync<ExportFileException>(() => _folder.Files.ContinueAsync(_folder.File, Cancelled).AsTask());

        Assert.Contains("damaged", exception.Message, StringComparison.Ordinal);
        Assert.Equal(changed, await File.ReadAllBytesAsync(_folder.File, Cancelled));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("a few notes")]
    [InlineData("exactly 19 bytes...")]
    [InlineData("exactly 20 bytes....")]
    public async Task Foreign_file_is_left_alone_however_short_it_is(string content)
    {
        await File.WriteAllTextAsync(_folder.File, content, Cancelled);

        var exception = await Assert.ThrowsAsync<ExportFileException>(() => _folder.Files.ContinueAsync(_folder.File, Cancelled).AsTask());

        Assert.Contains("no export", exception.Message, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(_folder.File, Cancelled));
    }

    [Fact]
    public async Task Block_that_says_what_no_program_wrote_is_damage_and_no_bug()
    {
        var strange = new MemoryStream();
        GzipBlock.Write(strange, new MeasurementsNote(1, 1, "0000000000000000", "no base 64!", 0).ToLine(), []);
        await File.WriteAllBytesAsync(_folder.File, Join(Blocks().Take(2).Append(strange.ToArray())), Cancelled);

        var exception = await Assert.ThrowsAsync<ExportFileException>(() => _folder.Files.ContinueAsync(_folder.File, Cancelled).AsTask());

        Assert.Contains("damaged", exception.Message, StringComparison.Ordinal);
    }

    private async Task<string> FailureOfAsync(byte[] file)
    {
        await File.WriteAllBytesAsync(_folder.File, file, Cancelled);
        return (await Assert.ThrowsAsync<ExportFileException>(_folder.CheckAsync)).Message;
    }

    // Each with the bytes that it has in the file: its length stands at its 16th byte.
    private List<byte[]> Blocks()
    {
        var blocks = new List<byte[]>();
        for (var at = 0; at < _whole.Length;)
        {
            var length = 20 + BitConverter.ToInt32(_whole, at + 16);
            blocks.Add(_whole[at..(at + length)]);
            at += length;
        }

        Assert.True(blocks.Count >= 6, "The file has too few blocks for these tests.");
        return blocks;
    }

    private static byte[] Unpack(byte[] block) => GzipBlock.Unpack(block[20..]);

    private static byte[] Join(IEnumerable<byte[]> blocks) => [.. blocks.SelectMany(block => block)];
}
