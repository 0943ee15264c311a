using IotBackend.Application.Caching;
using IotBackend.Domain.Access;
using IotBackend.Infrastructure.Caching;
using IotBackend.UnitTests.Buckets;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace IotBackend.UnitTests.Caching;

public sealed class AskedQueryFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("asked-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private AskedQueryFile File => new(_folder, NullLogger<AskedQueryFile>.Instance);

    private string Path => System.IO.Path.Combine(_folder, AskedQueryFile.FileName);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_is_saved_is_loaded_and_only_its_owner_reads_it()
    {
        var limited = new AskedQuery("/measurements?device=greenhouse-1", [TestBuckets.Name("b")], new DeviceSet([DevicePattern.Parse("greenhouse-*")]));
        await File.SaveAsync([new CountedQuery(limited, 7), new CountedQuery(new AskedQuery("/measurements", [], DeviceSet.All), 3)], Cancellation);

        var loaded = await File.LoadAsync(Cancellation);

        Assert.Equal([("/measurements?device=greenhouse-1", "b", "greenhouse-*", 7L), ("/measurements", "", "*", 3L)], loaded.Select(Describe));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(Path));
    }

    [Fact]
    public async Task No_more_than_a_hundred_are_kept()
    {
        await File.SaveAsync([.. Enumerable.Range(0, 150).Select(i => new CountedQuery(new AskedQuery($"/measurements?device={i}", [], DeviceSet.All), 1))], Cancellation);

        Assert.Equal(AskedQueries.MaxKept, (await File.LoadAsync(Cancellation)).Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[null, 1]")]
    [InlineData("""[{ "query": "/measurements", "buckets": ["\u0000"], "devices": [], "count": 1 }]""")]
    [InlineData("""[{ "query": "/measurements", "buckets": [], "devices": ["a\u0000"], "count": 1 }]""")]
    [InlineData("""[{ "query": "/measurements", "buckets": [], "devices": [null], "count": 1 }]""")]
    [InlineData("""[{ "query": "/measurements", "buckets": [], "devices": [], "count": -1 }]""")]
    [InlineData("""[{ "query": "/measurements", "count": 1 }]""")]
    public async Task Damaged_file_is_none(string text)
    {
        await System.IO.File.WriteAllTextAsync(Path, text, Cancellation);

        Assert.Empty(await File.LoadAsync(Cancellation));
    }

    [Fact]
    public async Task Missing_file_is_none_and_a_folder_that_is_gone_does_no_harm()
    {
        Assert.Empty(await File.LoadAsync(Cancellation));

        await new AskedQueryFile(System.IO.Path.Combine(_folder, "gone"), NullLogger<AskedQueryFile>.Instance).SaveAsync([], Cancellation);
    }

    private static (string Address, string Buckets, string Devices, long Count) Describe(CountedQuery counted) =>
        (counted.Query.Address, string.Join(',', counted.Query.Buckets), counted.Query.Devices.Canonical, counted.Count);
}
