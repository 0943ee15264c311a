using IotBackend.Application.Buckets;
using IotBackend.Domain.Buckets;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>One store for all tests of a class; each test gets a bucket of its own in it.</summary>
public abstract class StoreFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private StoreUnderTest? _store;
    private int _buckets;

    internal StoreUnderTest Store => _store ?? throw new InvalidOperationException("The store has not been started.");

    /// <summary>The earliest time that the store can keep, in nanoseconds.</summary>
    internal abstract long Earliest { get; }

    /// <summary>The latest time that the store can keep, in nanoseconds.</summary>
    internal abstract long Latest { get; }

    /// <summary>How many random histories a model test tries: a store that is asked over a network gets fewer.</summary>
    internal abstract int Histories { get; }

    /// <summary>What the store can not do of what is asked of every store: a test's name and why. Tests of the store's own say what happens instead.</summary>
    internal virtual IReadOnlyDictionary<string, string> Lacks { get; } = new Dictionary<string, string>();

    /// <summary>Why single measurements can not be deleted; null when they can. A test goes as far as to its first deletion then.</summary>
    internal virtual string? CanNotDelete => null;

    /// <summary>Whether a tag and a field of one measurement may be called the same.</summary>
    internal virtual bool TagsAndFieldsShareNames => true;

    /// <summary>Whether the store judges what is no number by the fields of all devices, since it can not tell those of some.</summary>
    internal virtual bool JudgesTypesByBucket => false;

    /// <summary>What this machine lacks for the store to run; null when there is all.</summary>
    protected virtual string? Missing => null;

    public async ValueTask InitializeAsync()
    {
        if (Missing is not null)
            return;
        var settings = await StartDatabaseAsync();
        _store = await StoreUnderTest.StartAsync(_folder.Combine("data"), settings);
    }

    public async ValueTask DisposeAsync()
    {
        if (_store is { } store)
            await store.DisposeAsync();
        await StopDatabaseAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>An empty bucket that nobody else uses.</summary>
    internal async Task<TestBucket> NewBucketAsync(Retention retention = default)
    {
        // Here and not at the start of the fixture, where skipping would count as failing.
        if (Missing is { } missing)
            Absent.SkipOrFail(missing);
        var name = BucketName.TryParse($"bucket-{Interlocked.Increment(ref _buckets)}", out _)!;
        var saved = await Store.Buckets.SaveAsync(new Bucket(name, string.Empty, retention), BucketCondition.IsNew, TestContext.Current.CancellationToken);
        Assert.True(saved.MustSucceed().IsNew);
        return new TestBucket(Store, name, CanNotDelete);
    }

    /// <summary>Starts what the store needs beside the program; returns the settings that lead to it.</summary>
    protected abstract Task<IReadOnlyList<string>> StartDatabaseAsync();

    protected abstract Task StopDatabaseAsync();
}
