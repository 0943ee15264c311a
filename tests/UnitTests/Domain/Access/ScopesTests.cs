using IotBackend.Domain.Access;
using Xunit;

namespace IotBackend.UnitTests.Domain.Access;

public sealed class ScopesTests
{
    private static readonly Scopes[] Single = [.. Enum.GetValues<Scopes>().Where(scope => scope != Scopes.None)];

    [Theory]
    [InlineData("measurements:read", Scopes.MeasurementsRead)]
    [InlineData("measurements:write", Scopes.MeasurementsWrite)]
    [InlineData("measurements:delete", Scopes.MeasurementsDelete)]
    [InlineData("cache:manage", Scopes.CacheManage)]
    [InlineData("metrics:read", Scopes.MetricsRead)]
    [InlineData("admin", Scopes.Admin)]
    public void A_scope_has_one_name(string name, Scopes scope)
    {
        Assert.True(ScopeNames.TryParse(name, out var parsed));
        Assert.Equal(scope, parsed);
        Assert.Equal([name], scope.ToNames());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Admin")]
    [InlineData("none")]
    [InlineData("measurements")]
    [InlineData("measurements:write ")]
    public void Other_names_are_no_scopes(string name) => Assert.False(ScopeNames.TryParse(name, out _));

    [Fact]
    public void Every_scope_has_a_name() => Assert.All(Single, scope => Assert.Single(scope.ToNames()));

    [Fact]
    public void Names_come_in_the_order_of_the_contract() =>
        Assert.Equal(["measurements:read", "cache:manage", "admin"], (Scopes.Admin | Scopes.CacheManage | Scopes.MeasurementsRead).ToNames());

    [Fact]
    public void A_scope_allows_itself_and_only_admin_allows_all()
    {
        foreach (var granted in Single)
        {
            foreach (var required in Single)
                Assert.Equal(granted == required || granted == Scopes.Admin, granted.Allows(required));
        }
    }

    [Fact]
    public void All_of_several_required_scopes_must_be_granted()
    {
        const Scopes readAndWrite = Scopes.MeasurementsRead | Scopes.MeasurementsWrite;

        Assert.False(Scopes.MeasurementsRead.Allows(readAndWrite));
        Assert.True((readAndWrite | Scopes.CacheManage).Allows(readAndWrite));
        Assert.False(Scopes.None.Allows(Scopes.MeasurementsRead));
    }
}
