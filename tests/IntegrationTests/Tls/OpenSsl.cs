using System.ComponentModel;
using System.Diagnostics;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Tls;

/// <summary>The client of OpenSSL, as an auditor uses it.</summary>
internal static class OpenSsl
{
    /// <summary>Opens a connection, shakes hands and closes it again.</summary>
    /// <returns>What the client told, and whether the handshake succeeded.</returns>
    public static async Task<(bool Succeeded, string Output)> ConnectAsync(Uri server, params string[] options)
    {
        var start = new ProcessStartInfo("openssl", ["s_client", "-connect", server.Authority, .. options])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var client = Start(start);
        client.StandardInput.Close();
        var errors = client.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await client.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await client.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Eventually.Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        return (client.ExitCode == 0, output + await errors);
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Absent.SkipOrFail("openssl is not installed");
            throw;
        }
    }
}
