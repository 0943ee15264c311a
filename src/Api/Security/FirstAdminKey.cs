using IotBackend.Api.Composition;
using IotBackend.Application.ApiKeys;

namespace IotBackend.Api.Security;

/// <summary>Makes sure at the start that there is an admin key, after the key store has been opened.</summary>
internal sealed class FirstAdminKey(AdminKeys keys, IAdminKeyFile file, IConfiguration configuration) : IHostedService
{
    public const string Variable = "IOT_ADMIN_KEY";

    /// <summary>The key, when this start made it.</summary>
    public string? Created { get; private set; }

    /// <summary>What a person is told about the key, and how a shell line names it.</summary>
    public AdminKeyNotice Notice => (Created, Given, file.Exists) switch
    {
        ({ } created, _, _) => new(created, file.Path, "", $"$(cat '{file.Path}')"),
        (_, not null, _) => new(null, file.Path, $"is the one in the environment variable {Variable}", $"${Variable}"),
        (_, _, true) => new(null, file.Path, $"in {file.Path}", $"$(cat '{file.Path}')"),
        _ => new(null, file.Path, "is the one that was given before; 'admin-key --reset' makes another", "<your key>"),
    };

    // Files that hold secrets often end with a line feed.
    private string? Given => configuration[Variable]?.Trim() is { Length: > 0 } given ? given : null;

    /// <exception cref="SettingException">The given key can not be used.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var result = await keys.EnsureFirstAsync(Given, cancellationToken);
        if (result.Error is { } error)
            throw new SettingException(Variable, error.Message);
        Created = result.Value;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
