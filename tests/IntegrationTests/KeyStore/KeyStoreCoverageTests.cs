using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

public sealed class KeyStoreCoverageTests
{
    [Theory]
    [InlineData(typeof(SqliteKeyStoreTests))]
    [InlineData(typeof(PostgreSqlKeyStoreTests))]
    public void Every_database_is_held_to_every_set_of_tests(Type database)
    {
        var sets = typeof(KeyStoreTests).Assembly.GetTypes().Where(type => type.IsAbstract && type.IsSubclassOf(typeof(KeyStoreTests)));
        var held = database.GetNestedTypes().Select(type => type.BaseType!);

        Assert.Equal(sets.Select(type => type.Name).Order(), held.Select(type => type.Name).Order());
    }
}
