using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>What all tests of key stores share: an empty database, and a node that has opened it.</summary>
public abstract class KeyStoreTests(KeyStoreFixture fixture) : IAsyncLifetime
{
    private readonly List<KeyStoreNode> _nodes = [];
    private KeyStoreDatabaseUnderTest? _database;

    internal KeyStoreDatabaseUnderTest Database => _database ?? throw new InvalidOperationException("The test has not begun.");

    internal KeyStoreNode Node => _nodes[0];

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await fixture.NewDatabaseAsync();
        await BeginAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected virtual Task BeginAsync() => NewNode().OpenAsync();

    /// <summary>A further process on the same database, as far as it can tell.</summary>
    internal KeyStoreNode NewNode()
    {
        var node = new KeyStoreNode(Database);
        _nodes.Add(node);
        return node;
    }

    /// <summary>Acts of several threads at the same moment.</summary>
    protected static Task<T[]> Together<T>(int count, Func<int, Task<T>> act) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => act(i), Cancelled)));

    protected static Task Together(int count, Func<int, Task> act) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => act(i), Cancelled)));

    protected static T[] Shuffled<T>(IEnumerable<T> items)
    {
        var copy = items.ToArray();
        Random.Shared.Shuffle(copy);
        return copy;
    }
}
