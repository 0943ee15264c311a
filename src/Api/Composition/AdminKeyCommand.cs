using IotBackend.Application.ApiKeys;
using IotBackend.Infrastructure.KeyStore;

namespace IotBackend.Api.Composition;

/// <summary>The offline command <c>admin-key</c>: <c>--new</c> prints a key that can be used as IOT_ADMIN_KEY, <c>--reset</c> replaces a lost one.</summary>
internal static class AdminKeyCommand
{
    public const string Name = "admin-key";

    private const int Success = 0;
    private const int Misused = 64;

    public static async Task<int> RunAsync(IServiceProvider services, string[] arguments, TextWriter output, CancellationToken cancellationToken)
    {
        switch (arguments.ElementAtOrDefault(1))
        {
            case "--new":
                await output.WriteLineAsync(services.GetRequiredService<IKeyGenerator>().Create().AsMemory(), cancellationToken);
                return Success;
            case "--reset":
                await services.OpenKeyStoreAsync(cancellationToken);
                var key = await services.GetRequiredService<AdminKeys>().ReplaceAsync(cancellationToken);
                await output.WriteLineAsync($"New admin key {key} (shown this once; also in {services.GetRequiredService<IAdminKeyFile>().Path})".AsMemory(), cancellationToken);
                return Success;
            default:
                await output.WriteLineAsync($"Usage: {Name} --new | --reset".AsMemory(), cancellationToken);
                return Misused;
        }
    }
}
