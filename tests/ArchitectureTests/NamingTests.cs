using IotBackend.ArchitectureTests.Rules;
using Xunit;

namespace IotBackend.ArchitectureTests;

public sealed class NamingTests
{
    [Fact]
    public void Names_say_something() => Verify(
        NamingRules.NamesSaySomething, "Application.Measurements.MeasurementManager says 'Manager'");

    [Fact]
    public void Handlers_are_named_after_their_requests() => Verify(
        NamingRules.HandlersAreNamedAfterTheirRequests,
        "Application.Measurements.Handles is not an internal sealed PlainHandler",
        "Application.Measurements.MutableHandler is not an internal sealed MutableHandler");

    [Fact]
    public void Validators_are_named_after_what_they_validate() => Verify(
        NamingRules.ValidatorsAreNamedAfterWhatTheyValidate, "Application.Measurements.Checks is not an internal sealed PlainValidator");

    [Fact]
    public void Behaviours_end_in_Behavior() => Verify(
        NamingRules.BehavioursEndInBehavior, "Application.Measurements.Interceptor`2 is a behaviour");

    [Fact]
    public void Controllers_end_in_Controller() => Verify(
        NamingRules.ControllersEndInController,
        "Api.Measurements.FlightController is no controller",
        "Api.Measurements.TakesAPort is a controller");

    private static void Verify(Func<IEnumerable<Type>, IEnumerable<string>> rule, params string[] broken)
    {
        Assert.Empty(rule(House.Product.Types));
        Assert.Equal(broken.Order(), rule(House.Broken.Types).Order());
    }
}
