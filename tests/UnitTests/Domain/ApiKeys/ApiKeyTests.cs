using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using Xunit;

namespace IotBackend.UnitTests.Domain.ApiKeys;

public sealed class ApiKeyTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 20, 44, 0, TimeSpan.Zero);

    private static readonly ApiKey Key = new()
    {
        Id = "id",
        Name = "name",
        Scopes = Scopes.MeasurementsRead,
        Tier = "standard",
        SecretHash = new byte[32],
        CreatedAt = Now,
    };

    [Fact]
    public void A_key_without_expiry_stays_active() => Assert.Equal(ApiKeyStatus.Active, Key.StatusAt(DateTimeOffset.MaxValue));

    [Fact]
    public void A_key_expires_at_the_very_moment_of_its_expiry()
    {
        var key = Key with { ExpiresAt = Now };

        Assert.Equal(ApiKeyStatus.Active, key.StatusAt(Now.AddTicks(-1)));
        Assert.Equal(ApiKeyStatus.Expired, key.StatusAt(Now));
    }

    [Fact]
    public void A_revoked_key_stays_revoked_when_it_expires() =>
        Assert.Equal(ApiKeyStatus.Revoked, (Key with { RevokedAt = Now, ExpiresAt = Now }).StatusAt(Now));

    [Fact]
    public void The_caller_is_what_the_key_grants()
    {
        var caller = (Key with { Devices = [DevicePattern.Parse("a*")] }).ToCaller();

        Assert.Equal(("id", "name", Scopes.MeasurementsRead, "standard"), (caller.KeyId, caller.KeyName, caller.Scopes, caller.Tier));
        Assert.Equal("a*", Assert.Single(caller.Devices.Patterns).Text);
        Assert.True(Key.ToCaller().Devices.IsAll);
    }
}
