using System.CommandLine;
using System.CommandLine.Parsing;
using IotBackend.Simulator.Csv;
using IotBackend.Simulator.Display;
using IotBackend.Simulator.Sending;
using Spectre.Console;

namespace IotBackend.Simulator.Commands;

/// <summary><c>simulator csv FILE…</c>: replays files of real measurements, each file as one device.</summary>
internal sealed class CsvCommand
{
    private const string Full = "full";
    private const string Own = "own";

    private readonly ServerOptions _server = new();
    private readonly Argument<FileInfo[]> _files = new Argument<FileInfo[]>("files")
    {
        Description = "CSV files with a header: a column 'timestamp', or 'date' and 'time'; every other column is a field.",
        Arity = ArgumentArity.OneOrMore,
    }.AcceptExistingOnly();

    private readonly Option<string?> _device = new("--device") { Description = "The device's name; by default the file's, without its extension." };
    private readonly Option<string?> _name = new("--name") { Description = "The measurements' name; by default the server's default." };
    private readonly Option<double?> _missing = new("--missing") { Description = "The number that stands for a missing value, such as -200." };
    private readonly Option<double> _speed = new Option<double>("--speed")
    {
        Description = "With --rhythm own: seconds of the file's time that pass in one second.",
        DefaultValueFactory = _ => 1,
    }.Positive();

    private readonly Option<string> _rhythm = new Option<string>("--rhythm")
    {
        Description = "As fast as the server takes it, or at the intervals of the file.",
        DefaultValueFactory = _ => Full,
    }.AcceptOnlyFromAmong(Full, Own);

    private readonly Option<int> _batch = new Option<int>("--batch")
    {
        Description = "The most measurements of a request.",
        DefaultValueFactory = _ => 500,
    }.AtLeast(1);

    private readonly Option<TimeZoneInfo?> _timezone = new("--timezone")
    {
        Description = "The zone of times without an offset, such as Europe/Rome; by default they are UTC as written. Where clocks go back, "
            + "the second row of a repeated time is the later one; rows of times that clocks went forward over are skipped and counted.",
        CustomParser = ParseZone,
    };

    public static Command Create()
    {
        var options = new CsvCommand();
        var command = new Command("csv", "Replays CSV files of real measurements, each file as one device.")
        {
            options._files, options._device, options._name, options._missing, options._timezone, options._rhythm, options._speed, options._batch,
        };
        options._server.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(options._device) is not null && result.GetValue(options._files)?.Length > 1)
                result.AddError("--device names one device, and each file is one: give one file, or no --device.");
        });
        command.SetAction(options.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        IReadOnlyList<CsvSamples> files;
        try
        {
            files = Read(arguments);
        }
        catch (Exception e) when (e is UnreadableFileException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }

        var run = new Run(_server.Target(arguments, single: false), _server.Retries(arguments), _server.Concurrency(arguments), TimeProvider.System);
        return await run.ExecuteAsync(Cut(arguments, files, cancellationToken), files.Sum(f => f.Samples.Count), AnsiConsole.Console, cancellationToken);
    }

    private List<CsvSamples> Read(ParseResult arguments)
    {
        var reader = new CsvSampleReader(new CsvOptions
        {
            Device = arguments.GetValue(_device),
            Name = arguments.GetValue(_name),
            Missing = arguments.GetValue(_missing),
            TimeZone = arguments.GetValue(_timezone),
        });
        var read = new List<CsvSamples>();
        foreach (var file in arguments.GetRequiredValue(_files))
        {
            read.Add(reader.Read(file.FullName));
            Console.WriteLine(CsvSummary.Line(file.Name, read[^1]));
        }

        return read;
    }

    private IAsyncEnumerable<ReadOnlyMemory<Sample>> Cut(ParseResult arguments, IReadOnlyList<CsvSamples> files, CancellationToken cancellationToken)
    {
        var size = arguments.GetValue(_batch);
        var samples = files.SelectMany(f => f.Samples);
        if (arguments.GetValue(_rhythm) == Full || !samples.Any())
            return Batches.AtFullSpeed(samples, size, cancellationToken);
        var ordered = samples.OrderBy(s => s.Timestamp).ToList();
        var rhythm = new Rhythm(TimeProvider.System, ordered[0].Timestamp, arguments.GetValue(_speed));
        return Batches.AsTheyFallDue(ordered, size, rhythm, cancellationToken);
    }

    private static TimeZoneInfo? ParseZone(ArgumentResult argument)
    {
        if (TimeZoneInfo.TryFindSystemTimeZoneById(argument.Tokens[0].Value, out var zone))
            return zone;
        argument.AddError($"'{argument.Tokens[0].Value}' is no time zone that this machine knows, such as Europe/Rome.");
        return null;
    }
}
