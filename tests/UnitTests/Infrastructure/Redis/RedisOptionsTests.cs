using System.ComponentModel.DataAnnotations;
using IotBackend.Infrastructure.Redis;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Redis;

public sealed class RedisOptionsTests
{
    [Theory]
    [InlineData("", "iot:")]
    [InlineData("localhost", "a")]
    [InlineData("redis-0:6380,redis-1:6380,ssl=true,password=a b=c", "plant-7.iot:")]
    [InlineData("localhost", "0123456789012345678901234567890123456789012345678901234567890123")]
    public void Right_settings_are_taken(string configuration, string prefix) => Assert.Empty(Validate(configuration, prefix));

    [Theory]
    [InlineData("localhost,hunter2=hunter2", "iot:", "Configuration")]
    [InlineData("localhost:hunter2:1,ssl=hunter2", "iot:", "Configuration")]
    [InlineData(",", "iot:", "Configuration")]
    [InlineData("password=hunter2", "iot:", "Configuration")]
    [InlineData("localhost", "", "KeyPrefix")]
    [InlineData("localhost", "a b", "KeyPrefix")]
    [InlineData("localhost", "{a}", "KeyPrefix")]
    [InlineData("localhost", "01234567890123456789012345678901234567890123456789012345678901234", "KeyPrefix")]
    public void Wrong_settings_are_told_without_what_is_secret(string configuration, string prefix, string member)
    {
        var wrong = Assert.Single(Validate(configuration, prefix));
        Assert.Equal([member], wrong.MemberNames);
        Assert.DoesNotContain("hunter2", wrong.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void Description_names_the_servers_alone() => Assert.Equal(
        "redis-0:6380, 192.0.2.7", new RedisOptions { Configuration = "redis-0:6380,192.0.2.7,password=hunter2,user=somebody" }.Describe());

    [Fact]
    public void What_the_program_relies_on_is_set_whatever_is_configured()
    {
        var options = new RedisOptions { Configuration = "localhost,abortConnect=true,connectTimeout=60000,syncTimeout=60000,asyncTimeout=60000" }.Parse()!;
        Assert.Equal((false, 2_000, 500, 500), (options.AbortOnConnectFail, options.ConnectTimeout, options.SyncTimeout, options.AsyncTimeout));
    }

    private static List<ValidationResult> Validate(string configuration, string prefix)
    {
        var options = new RedisOptions { Configuration = configuration, KeyPrefix = prefix };
        return [.. options.Validate(new ValidationContext(options))];
    }
}
