using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.UnitTests.Domain.Results;

public sealed class ResultTests
{
    private static readonly Error NotFound = new(ErrorKind.NotFound, ErrorCodes.NotFound, "There is no such thing.");

    [Fact]
    public void A_success_holds_its_value_and_no_error()
    {
        Result<int> result = 7;

        Assert.True(result.IsSuccess);
        Assert.Equal(7, result.Value);
        Assert.Null(result.Error);
        Assert.Equal("7", result.Match(value => $"{value}", error => error.Code));
    }

    [Fact]
    public void A_failure_holds_its_error_and_has_no_value()
    {
        Result<int> result = NotFound;

        Assert.False(result.IsSuccess);
        Assert.Same(NotFound, result.Error);
        Assert.Contains(ErrorCodes.NotFound, Assert.Throws<InvalidOperationException>(() => result.Value).Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCodes.NotFound, result.Match(value => $"{value}", error => error.Code));
    }

    [Fact]
    public void The_default_of_a_type_is_a_value_like_any_other()
    {
        var result = Result<string?>.Success(null);

        Assert.True(result.IsSuccess);
        Assert.Null(result.Value);
    }

    [Fact]
    public void A_failure_can_be_made_without_knowing_the_type_of_the_value()
    {
        Assert.Same(NotFound, Fail<Result<int>>().Error);

        static TResult Fail<TResult>()
            where TResult : IResult<TResult> => TResult.Failure(NotFound);
    }
}
