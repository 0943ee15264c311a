namespace IotBackend.IntegrationTests.Stores;

/// <summary>The store that needs nothing beside the program.</summary>
public sealed class EmbeddedStoreFixture : StoreFixture
{
    internal override long Earliest => long.MinValue;

    internal override long Latest => long.MaxValue;

    internal override int Histories => 40;

    protected override Task<IReadOnlyList<string>> StartDatabaseAsync() => Task.FromResult<IReadOnlyList<string>>([]);

    protected override Task StopDatabaseAsync() => Task.CompletedTask;
}
