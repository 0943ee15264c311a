using IotBackend.Api.Composition;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

/// <summary>The offline command <c>admin-key</c>, in this process.</summary>
internal static class AdminKeyRuns
{
    public static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        await using var app = IotBackendApp.Build(arguments);
        await using var output = new StringWriter();
        var code = await AdminKeyCommand.RunAsync(app.Services, arguments, output, TestContext.Current.CancellationToken);
        return (code, output.ToString());
    }
}
