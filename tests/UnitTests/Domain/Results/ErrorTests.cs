using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.UnitTests.Domain.Results;

public sealed class ErrorTests
{
    private static readonly Fault First = new("device", ErrorCodes.Required, "'device' is required.");
    private static readonly Fault Second = new("fields", ErrorCodes.NoFields, "'fields' needs at least one field.");

    [Fact]
    public void An_error_has_no_faults_and_no_details_unless_given()
    {
        var error = new Error(ErrorKind.NotFound, ErrorCodes.NotFound, "There is no such thing.");

        Assert.Empty(error.Faults);
        Assert.Empty(error.Details);
        Assert.Null(error.RetryAfter);
    }

    [Fact]
    public void Invalid_carries_all_faults_under_one_code()
    {
        var error = Error.Invalid([First, Second]);

        Assert.Equal((ErrorKind.Invalid, ErrorCodes.InvalidRequest), (error.Kind, error.Code));
        Assert.Equal([First, Second], error.Faults);
        Assert.Equal("The request has 2 faults; the first: 'device' is required.", error.Message);
    }

    [Fact]
    public void A_single_fault_speaks_for_the_error() => Assert.Equal(First.Message, Error.Invalid([First]).Message);

    [Fact]
    public void Without_faults_the_message_is_general() => Assert.Equal("The request is not valid.", Error.Invalid([]).Message);
}
