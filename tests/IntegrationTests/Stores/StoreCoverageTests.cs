using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public sealed class StoreCoverageTests
{
    [Theory]
    [InlineData(typeof(EmbeddedStoreTests))]
    [InlineData(typeof(InfluxDbStoreTests))]
    [InlineData(typeof(Influx2StoreTests))]
    [InlineData(typeof(Influx3StoreTests))]
    public void Every_store_is_held_to_every_set_of_tests(Type store)
    {
        var sets = typeof(StoreTests).Assembly.GetTypes().Where(type => type.IsAbstract && type.IsSubclassOf(typeof(StoreTests)));
        var held = store.GetNestedTypes().Select(type => type.BaseType!);

        Assert.Equal(sets.Select(type => type.Name).Order(), held.Select(type => type.Name).Order());
    }

    [Fact]
    public void What_a_store_lacks_is_asked_of_every_store()
    {
        var asked = typeof(StoreTests).Assembly.GetTypes().Where(type => type.IsAbstract && type.IsSubclassOf(typeof(StoreTests)))
            .SelectMany(type => type.GetMethods()).Select(method => method.Name).ToHashSet();

        Assert.All(Influx3StoreFixture.Lacking.Keys, test => Assert.Contains(test, asked));
    }
}
