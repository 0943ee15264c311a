using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public sealed class StoreCoverageTests
{
    [Theory]
    [InlineData(typeof(EmbeddedStoreTests))]
    [InlineData(typeof(InfluxDbStoreTests))]
    public void Every_store_is_held_to_every_set_of_tests(Type store)
    {
        var sets = typeof(StoreTests).Assembly.GetTypes().Where(type => type.IsAbstract && type.IsSubclassOf(typeof(StoreTests)));
        var held = store.GetNestedTypes().Select(type => type.BaseType!);

        Assert.Equal(sets.Select(type => type.Name).Order(), held.Select(type => type.Name).Order());
    }
}
