using IotBackend.ArchitectureTests.Rules;
using Xunit;

namespace IotBackend.ArchitectureTests;

public sealed class TypeTests
{
    [Fact]
    public void Classes_are_sealed() => Verify(
        TypeRules.ClassesAreSealed,
        "Application.Measurements.MutableHandler is not sealed",
        "Application.Measurements.Open is not sealed");

    [Fact]
    public void Messages_are_sealed_records_without_setters() => Verify(
        TypeRules.MessagesAreSealedRecordsWithoutSetters,
        "Application.Measurements.Mutable has a setter for Limit",
        "Application.Measurements.Open is not a sealed record");

    [Fact]
    public void Cancellation_comes_last() => Verify(
        TypeRules.CancellationComesLast, "Application.Measurements.Port.ReadAsync has its cancellation elsewhere");

    [Fact]
    public void Ports_can_be_cancelled() => Verify(
        TypeRules.PortsCanBeCancelled, "Application.Measurements.Port.ForgetAsync can not be cancelled");

    [Fact]
    public void Controllers_only_send()
    {
        Assert.Empty(TypeRules.ControllersOnlySend(House.Product));
        Assert.Equal(
            [
                "Api.Measurements.TakesAPort is given IOptions`1",
                "Api.Measurements.TakesAPort is given Port",
                "Api.Measurements.TakesAPort uses Application.Measurements.Port",
            ],
            TypeRules.ControllersOnlySend(House.Broken).Order());
    }

    [Fact]
    public void The_rules_see_the_product()
    {
        var layers = House.Product.Types.Select(type => House.PlaceOf(type).Split('.')[0]).Distinct().Order();

        Assert.Equal(["Api", "Application", "Domain", "Infrastructure"], layers);
        Assert.True(House.Product.Dependencies.Count > House.Product.Types.Count);
        Assert.Equal([], House.Product.Dependencies.Where(d => d.TargetAssembly == "?").Select(d => d.ToString()));
    }

    private static void Verify(Func<IReadOnlyList<Type>, IEnumerable<string>> rule, params string[] broken)
    {
        Assert.Empty(rule(House.Product.Types));
        Assert.Equal(broken.Order(), rule(House.Broken.Types).Order());
    }
}
