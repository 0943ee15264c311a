using IotBackend.Api.Composition;
using IotBackend.Application.ApiKeys;

namespace IotBackend.Api.Security;

/// <summary>Makes sure at the start that there is an admin key, after the key store has been opened.</summary>
internal sealed class FirstAdminKey(AdminKeys keys, IAdminKeyFile file, IConfiguration configuration) : IHostedService
{
    public const string Variable = "IOT_ADMIN_KEY";

    /// <summary>The key, when this start made it.</summary>
    public string? Created { get; private set; }

    public AdminKeyNotice Notice => new(
        Created,
        file.Path,
        Created is null && IsGiven ? $"is the one in the environment variable {Variable}" : file.Exists ? $"in {file.Path}" : "was shown at the first start; 'admin-key --reset' makes a new one",
        Created is null && IsGiven ? $"${Variable}" : $"$(cat '{file.Path}')");

    private bool IsGiven => !string.IsNullOrEmpty(configuration[Variable]);

    /// <exception cref="SettingException">The given key can not be used.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var result = await keys.EnsureFirstAsync(configuration[Variable], cancellationToken);
        if (result.Error is { } error)
            throw new SettingException(Variable, error.Message);
        Created = result.Value;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
