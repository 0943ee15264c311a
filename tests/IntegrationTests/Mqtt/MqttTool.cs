using System.Diagnostics;
using System.Globalization;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Mqtt;

/// <summary>The clients of Debian's <c>mosquitto-clients</c>, which nobody here wrote.</summary>
internal static class MqttTool
{
    public static readonly IReadOnlyList<string> Versions = ["mqttv311", "mqttv5"];

    /// <summary>Publishes one message as <c>mosquitto_pub</c> does.</summary>
    public static Task<MqttToolRun> PublishAsync(int port, string version, string? key, string topic, string payload, params string[] options) => RunAsync(
        "mosquitto_pub",
        ["-h", "127.0.0.1", "-p", Text(port), "-V", version, "-t", topic, "-m", payload, "-q", "1", .. Credentials(key), .. options]);

    /// <summary>Publishes each line as a message, and comes back when the server ends the connection.</summary>
    public static Task<MqttToolRun> PublishLinesAsync(int port, string version, string? key, string topic, string lines, params string[] options) => RunAsync(
        "mosquitto_pub",
        ["-h", "127.0.0.1", "-p", Text(port), "-V", version, "-t", topic, "-l", "-q", "1", "-c", "-i", "lines", .. Credentials(key), .. options],
        lines);

    /// <summary>Subscribes as <c>mosquitto_sub</c> does, for at most a few seconds.</summary>
    public static Task<MqttToolRun> SubscribeAsync(int port, string version, string? key, string topic, params string[] options) => RunAsync(
        "mosquitto_sub",
        ["-h", "127.0.0.1", "-p", Text(port), "-V", version, "-t", topic, "-q", "1", "-W", "5", .. Credentials(key), .. options]);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // A password needs a user name in version 3.1.1.
    private static string[] Credentials(string? key) => key is null ? [] : ["-u", "device", "-P", key];

    private static async Task<MqttToolRun> RunAsync(string program, IEnumerable<string> arguments, string? input = null)
    {
        // With its log, where acknowledgements show, flushed line by line.
        using var process = Start(program, [.. arguments, "-d"]);
        if (input is not null)
            await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Eventually.Patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw;
        }

        return new MqttToolRun(process.ExitCode, await output + await errors);
    }

    private static Process Start(string program, IEnumerable<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Absent.SkipOrFail($"{program} is not installed");
            throw;
        }
    }
}

/// <summary>How a run of a client went.</summary>
internal sealed record MqttToolRun(int ExitCode, string Output)
{
    public bool IsAcknowledged => Output.Contains("received PUBACK", StringComparison.Ordinal);

    /// <summary>Fails unless the message was sent and acknowledged without a complaint.</summary>
    public void ShouldSucceed() => Assert.True(ExitCode == 0 && IsAcknowledged && !HasReason(0x87) && !HasReason(0x90) && !HasReason(0x99), $"{ExitCode}: {Output}");

    /// <summary>Whether an acknowledgement has this reason.</summary>
    public bool HasReason(int reason) => Output.Contains($"RC:{reason.ToString(CultureInfo.InvariantCulture)})", StringComparison.Ordinal);

    public void ShouldTell(string text) => Assert.True(Output.Contains(text, StringComparison.Ordinal), $"Expected '{text}': {ExitCode}: {Output}");
}
