using IotBackend.Api.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Http;

public sealed class BodyAllowanceTests
{
    private const long Limit = 1 << 20;

    private readonly IOptions<OverloadOptions> _options = Options.Create(new OverloadOptions { MaxBodyBytes = Limit, BodySeconds = 10 });
    private readonly FakeTimeProvider _time = new();
    private readonly BodyBudget _budget;

    public BodyAllowanceTests() => _budget = new BodyBudget(_options);

    [Fact]
    public void Bodies_together_take_what_is_there_and_not_a_byte_more()
    {
        using var one = New();
        using var other = New();
        Assert.True(one.TryTake(Limit - 1));
        Assert.True(other.TryTake(1));
        Assert.False(other.TryTake(1));
        Assert.Equal(Limit, _budget.Taken);
    }

    [Fact]
    public void Refused_body_takes_nothing()
    {
        using var one = New();
        Assert.False(one.TryTake(Limit + 1));
        Assert.True(one.TryTake(Limit));
    }

    [Fact]
    public void All_that_a_request_took_is_given_back_once()
    {
        var one = New();
        Assert.True(one.TryTake(10));
        Assert.True(one.TryTake(20));
        one.Dispose();
        one.Dispose();
        Assert.Equal(0, _budget.Taken);
    }

    [Fact]
    public async Task Nothing_is_lost_when_many_take_and_give_back_at_a_time()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 10_000), (i, _) =>
        {
            using var one = New();
            if (one.TryTake(i))
                one.TryTake(Limit);
            return ValueTask.CompletedTask;
        });
        Assert.Equal(0, _budget.Taken);
    }

    [Fact]
    public void Body_may_come_until_its_time_is_over()
    {
        using var one = New();
        _time.Advance(TimeSpan.FromSeconds(10));
        one.ThrowIfLate();
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(StatusCodes.Status408RequestTimeout, Assert.Throws<BadHttpRequestException>(one.ThrowIfLate).StatusCode);
    }

    private BodyAllowance New() => new(_budget, _options, _time);
}
