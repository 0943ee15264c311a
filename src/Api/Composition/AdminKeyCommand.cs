using IotBackend.Application.ApiKeys;
using IotBackend.Infrastructure.KeyStore;

namespace IotBackend.Api.Composition;

/// <summary>The offline command <c>admin-key</c>: <c>--new</c> prints a key that can be used as IOT_ADMIN_KEY, <c>--reset</c> replaces a lost one.</summary>
internal static class AdminKeyCommand
{
    public const string Name = "admin-key";

    private const string New = "--new";
    private const string Reset = "--reset";
    private const int Success = 0;
    private const int Misused = 64;

    /// <summary>The arguments that are settings: the configuration would take what follows one of the command's own for its value.</summary>
    public static string[] SettingsIn(string[] arguments) =>
        arguments is [Name, .. var rest] ? [.. rest.Where(argument => argument is not (New or Reset))] : arguments;

    public static async Task<int> RunAsync(IServiceProvider services, string[] arguments, TextWriter output, CancellationToken cancellationToken)
    {
        switch (arguments.Where(argument => argument is New or Reset).ToArray())
        {
            case [New]:
                await output.WriteLineAsync(services.GetRequiredService<IKeyGenerator>().Create().AsMemory(), cancellationToken);
                return Success;
            case [Reset]:
                await services.RequireKeyStoreAsync(cancellationToken);
                await services.OpenKeyStoreAsync(cancellationToken);
                var key = await services.GetRequiredService<AdminKeys>().ReplaceAsync(cancellationToken);
                await output.WriteLineAsync($"New admin key {key} (shown this once; also in {services.GetRequiredService<IAdminKeyFile>().Path})".AsMemory(), cancellationToken);
                return Success;
            default:
                await output.WriteLineAsync($"Usage: {Name} {New} | {Reset}, and settings such as --Data:Path=<folder>".AsMemory(), cancellationToken);
                return Misused;
        }
    }
}
