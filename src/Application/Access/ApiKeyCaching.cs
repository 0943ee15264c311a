namespace IotBackend.Application.Access;

/// <summary>How long an answer of the key store may be used.</summary>
/// <param name="Lifetime">How long a found key serves before it is looked up again.</param>
/// <param name="OutageLifetime">How much longer it serves while the key store does not answer; longer than a second.</param>
public sealed record ApiKeyCaching(TimeSpan Lifetime, TimeSpan OutageLifetime)
{
    public static ApiKeyCaching Default { get; } = new(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(15));
}
