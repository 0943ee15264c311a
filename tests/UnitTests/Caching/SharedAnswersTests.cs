using System.Collections.Concurrent;
using IotBackend.Application.Caching;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.UnitTests.Buckets;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Serialization.SystemTextJson;
using static IotBackend.UnitTests.Caching.TestAnswers;

namespace IotBackend.UnitTests.Caching;

public sealed class SharedAnswersTests : IDisposable
{
    private static readonly BucketName Bucket = TestBuckets.Name("b");
    private static readonly AnswerDeclaration Open = Declare(Bucket, AllTime, "a");

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private readonly MemoryDistributedCache _level = new(Options.Create(new MemoryDistributedCacheOptions()));
    private readonly List<FusionCache> _caches = [];
    private readonly Epochs _epochs = new();
    private int _reads;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private AnswerDeclaration Closed => Open with { Range = new(default, Timestamp.From(_time.GetUtcNow() - Settings.Lateness)) };

    public void Dispose() => _caches.ForEach(cache => cache.Dispose());

    [Fact]
    public async Task What_one_node_has_made_another_finds_with_its_age()
    {
        await AskAsync(Node(), Closed);
        _time.Advance(TimeSpan.FromMinutes(10));
        var found = await AskAsync(Node(), Closed);

        Assert.Equal(1, _reads);
        Assert.Equal(CacheOutcome.Hit, found.Outcome);
        Assert.True(found.IsLasting);
        Assert.Equal((TimeSpan.FromMinutes(10), Settings.ClosedLifetime - TimeSpan.FromMinutes(10)), (found.Age, found.TimeToLive));
        Assert.Equal("1", TextOf(found));
    }

    [Fact]
    public async Task Late_write_to_the_bucket_makes_all_nodes_read_anew()
    {
        await AskAsync(Node(), Closed);
        await _epochs.AdvanceAsync(Bucket, Cancellation);
        Assert.Equal("2", TextOf(await AskAsync(Node(), Closed)));
        await _epochs.AdvanceAsync(TestBuckets.Name("other"), Cancellation);
        Assert.Equal("2", TextOf(await AskAsync(Node(), Closed)));
    }

    [Fact]
    public async Task Answer_whose_reading_began_before_a_late_write_is_not_found_after_it()
    {
        var node = Node();
        await node.FindOrReadAsync(
            Closed,
            isRefresh: false,
            async token =>
            {
                await _epochs.AdvanceAsync(Bucket, token);
                return await ReadAsync(isLasting: true);
            },
            Cancellation);

        Assert.Equal("2", TextOf(await AskAsync(Node(), Closed)));
    }

    [Fact]
    public async Task Only_lasting_answers_of_closed_ranges_are_shared()
    {
        await AskAsync(Node(), Open);
        await AskAsync(Node(), Closed, isLasting: false);
        await AskAsync(Node(), Open);
        await AskAsync(Node(), Closed);

        Assert.Equal(4, _reads);
    }

    [Fact]
    public async Task Refreshing_reads_anew_for_all()
    {
        await AskAsync(Node(), Closed);
        await AskAsync(Node(), Closed, isRefresh: true);

        Assert.Equal("2", TextOf(await AskAsync(Node(), Closed)));
    }

    [Fact]
    public async Task Nothing_is_shared_while_the_epoch_is_not_known()
    {
        await AskAsync(Node(), Closed);
        _epochs.IsKnown = false;
        Assert.Equal("2", TextOf(await AskAsync(Node(), Closed)));
        _epochs.IsKnown = true;
        Assert.Equal("1", TextOf(await AskAsync(Node(), Closed)));
    }

    [Fact]
    public async Task Shared_level_that_fails_or_holds_rubbish_is_as_good_as_none()
    {
        var node = Node(new BrokenLevel());
        Assert.Equal("1", TextOf(await AskAsync(node, Closed)));
        Assert.Equal("2", TextOf(await AskAsync(node, Closed)));
    }

    [Fact]
    public async Task Errors_are_not_shared()
    {
        var result = await Node().FindOrReadAsync(
            Closed, isRefresh: false, _ => Task.FromResult<Result<ServedAnswer>>(new Error(ErrorKind.Unavailable, ErrorCodes.StorageUnavailable, "Gone.")), Cancellation);
        Assert.NotNull(result.Error);

        Assert.Equal("1", TextOf(await AskAsync(Node(), Closed)));
    }

    private SharedAnswers Node(IDistributedCache? level = null)
    {
        var cache = new FusionCache(Options.Create(new FusionCacheOptions { CacheName = AnswerCache.Name, DisableTagging = true }));
        cache.SetupDistributedCache(level ?? _level, new FusionCacheSystemTextJsonSerializer());
        _caches.Add(cache);

        // In the background it would be there a moment later.
        return new SharedAnswers(cache, Settings, _time, _epochs, isInBackground: false);
    }

    private async Task<ServedAnswer> AskAsync(SharedAnswers node, AnswerDeclaration declaration, bool isLasting = true, bool isRefresh = false) =>
        (await node.FindOrReadAsync(declaration, isRefresh, _ => ReadAsync(isLasting), Cancellation)).Value;

    private Task<Result<ServedAnswer>> ReadAsync(bool isLasting) =>
        Task.FromResult<Result<ServedAnswer>>(ServedAnswer.Fresh(Answer((++_reads).ToString(System.Globalization.CultureInfo.InvariantCulture)), isLasting));

    private sealed class Epochs : IAnswerEpochs
    {
        private readonly ConcurrentDictionary<BucketName, int> _numbers = new();

        public event Action? Renewed;

        public bool IsKnown { get; set; } = true;

        public ValueTask<string?> ReadAsync(BucketName bucket, CancellationToken cancellationToken) =>
            new(IsKnown ? _numbers.GetValueOrDefault(bucket).ToString(System.Globalization.CultureInfo.InvariantCulture) : null);

        public ValueTask AdvanceAsync(BucketName? bucket, CancellationToken cancellationToken)
        {
            _numbers.AddOrUpdate(bucket!, 1, (_, number) => number + 1);
            Renewed?.Invoke();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class BrokenLevel : IDistributedCache
    {
        private bool _hasFailed;

        public byte[]? Get(string key) => Fail();

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Task.FromResult<byte[]?>(Fail());

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new IOException();

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => Task.FromException(new IOException());

        public void Refresh(string key) => throw new IOException();

        public Task RefreshAsync(string key, CancellationToken token = default) => Task.FromException(new IOException());

        public void Remove(string key) => throw new IOException();

        public Task RemoveAsync(string key, CancellationToken token = default) => Task.FromException(new IOException());

        private byte[] Fail()
        {
            if (_hasFailed)
                return [1, 2, 3];
            _hasFailed = true;
            throw new IOException();
        }
    }
}
