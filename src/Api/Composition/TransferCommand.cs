using System.Runtime.InteropServices;
using IotBackend.Application.Measurements.Transfer;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Composition;

/// <summary>What the offline commands <c>export</c> and <c>import</c> share: arguments, progress, the way they end.</summary>
internal static class TransferCommand
{
    public const int Done = 0;
    public const int NotDone = 1;
    public const int DoneWithRefusals = 2;
    private const int Misused = 64;

    public static bool IsMeant(string[] arguments) => arguments is [ExportCommand.Name or ImportCommand.Name, ..];

    /// <summary>Runs the command until it is done or the process is asked to stop; all that it tells goes to <paramref name="errors"/>.</summary>
    /// <exception cref="SettingException">An argument can not be.</exception>
    public static async Task<int> RunAsync(string[] arguments, TextWriter errors)
    {
        if (TransferArguments.TryParse(arguments, Timestamp.From(TimeProvider.System.GetUtcNow())) is not { } parsed)
        {
            await errors.WriteLineAsync(TransferArguments.Usage);
            return Misused;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, stop));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, stop));
        await using var app = IotBackendApp.BuildTransfer(parsed.Settings, mustExist: arguments[0] == ExportCommand.Name);
        var progress = new TransferProgress();
        try
        {
            await using var printer = new ProgressPrinter(progress, errors, isTerminal: !Console.IsErrorRedirected, TimeProvider.System);
            return arguments[0] == ExportCommand.Name
                ? await ExportCommand.RunAsync(app.Services, parsed, progress, printer, stop.Token)
                : await ImportCommand.RunAsync(app.Services, parsed, progress, printer, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await errors.WriteLineAsync("Stopped. The same command with --resume goes on from there.");
            return NotDone;
        }
        catch (ExportFileException exception)
        {
            await errors.WriteLineAsync(exception.Message);
            return NotDone;
        }
    }

    /// <summary>One line for what the store fails with.</summary>
    public static string Describe(Error error, string store) => error.Kind is ErrorKind.Unavailable or ErrorKind.Timeout
        ? $"{store}: {error.Message} Nothing is lost; the same command with --resume goes on from there."
        : $"{store}: {error.Message}";

    private static void Stop(PosixSignalContext context, CancellationTokenSource stop)
    {
        // The process ends by itself, when what is under way is safe.
        context.Cancel = true;
        stop.Cancel();
    }
}
