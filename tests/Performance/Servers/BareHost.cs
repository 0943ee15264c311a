using Microsoft.AspNetCore.Mvc.ApplicationParts;

namespace IotBackend.Performance.Servers;

/// <summary>
/// The yardstick: what ASP.NET Core's controllers cost when all they do is to parse the JSON, or to answer with bytes from memory.
/// Arguments: the address and, optionally, the file that GET answers with.
/// </summary>
internal static class BareHost
{
    public const string Name = "bare";

    public static async Task<int> RunAsync(string[] arguments)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(arguments[0]);
        builder.Services.AddSingleton(new BareAnswer(arguments.Length > 1 ? await File.ReadAllBytesAsync(arguments[1]) : "{}"u8.ToArray()));
        builder.Services.AddControllers().ConfigureApplicationPartManager(manager =>
        {
            manager.ApplicationParts.Clear();
            manager.ApplicationParts.Add(new AssemblyPart(typeof(BareController).Assembly));
        });
        await using var app = builder.Build();
        app.MapControllers();
        await app.RunAsync();
        return 0;
    }
}
