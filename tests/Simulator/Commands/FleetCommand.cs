using System.CommandLine;
using IotBackend.Simulator.Fleet;
using IotBackend.Simulator.Sending;
using Spectre.Console;

namespace IotBackend.Simulator.Commands;

/// <summary><c>simulator fleet</c>: made-up devices that measure at a given rate.</summary>
internal sealed class FleetCommand
{
    private readonly ServerOptions _server = new();
    private readonly Option<int> _devices = new Option<int>("--devices") { Description = "Devices.", DefaultValueFactory = _ => 100 }.AtLeast(1);
    private readonly Option<int> _fields = new Option<int>("--fields") { Description = "Fields of a measurement.", DefaultValueFactory = _ => 3 }.AtLeast(1);
    private readonly Option<int> _seed = new("--seed") { Description = "The same seed makes the same values.", DefaultValueFactory = _ => 1 };
    private readonly Option<bool> _single = new("--single") { Description = "One measurement a request, to POST /measurement." };

    private readonly Option<double> _rate = new Option<double>("--rate")
    {
        Description = "Measurements a second, of all devices together.",
        DefaultValueFactory = _ => 100,
    }.Positive();

    private readonly Option<int> _batch = new Option<int>("--batch")
    {
        Description = "Measurements of a request; it is sent when its last one is made.",
        DefaultValueFactory = _ => 100,
    }.AtLeast(1);

    private readonly Option<TimeSpan> _duration = new("--duration")
    {
        Description = "How long the devices measure, such as 60s, 5m, 1h. What is late by then is still sent.",
        CustomParser = DurationOption.Parse,
        DefaultValueFactory = _ => TimeSpan.FromMinutes(1),
    };

    public static Command Create()
    {
        var options = new FleetCommand();
        var command = new Command("fleet", "Makes up a fleet of devices with plausible values, repeatable by its seed.")
        {
            options._devices, options._rate, options._duration, options._fields, options._seed, options._single, options._batch,
        };
        options._server.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(options._single) && result.GetResult(options._batch) is { Implicit: false })
                result.AddError("--single and --batch exclude each other.");
        });
        command.SetAction(options.RunAsync);
        return command;
    }

    private Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var single = arguments.GetValue(_single);
        var plan = new FleetPlan(
            arguments.GetValue(_devices), arguments.GetValue(_rate), arguments.GetValue(_duration),
            arguments.GetValue(_fields), arguments.GetValue(_seed), clock.GetUtcNow());
        var batches = Batches.WhenFull(
            FleetSamples.Of(plan), single ? 1 : arguments.GetValue(_batch), new Rhythm(clock, plan.Start, speed: 1), cancellationToken);
        var run = new Run(_server.Target(arguments, single), _server.Retries(arguments), _server.Concurrency(arguments), clock);
        return run.ExecuteAsync(batches, plan.Measurements, AnsiConsole.Console, cancellationToken);
    }
}
