using IotBackend.Api.Composition;
using IotBackend.Application.Measurements.Transfer;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Api.Composition;

public sealed class ProgressPrinterTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly TransferProgress _progress = new();
    private readonly StringWriter _output = new();

    [Fact]
    public async Task Line_tells_how_much_how_fast_and_how_long_it_will_take()
    {
        await using var printer = Printer();
        _progress.Fraction = 0.4;
        Assert.EndsWith(", 40.0 %", printer.Describe(), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(20));
        _progress.Add(1_000, 3_000);
        _progress.Fraction = 0.5;
        _progress.Step = "bucket 'b'";

        // A tenth took this run 20 s; what an earlier run had done says nothing.
        Assert.Equal("1,000 measurements, 3,000 values, 150 values/s, 50.0 %, 01:40 left, bucket 'b'", printer.Describe());
    }

    [Fact]
    public async Task Line_tells_what_it_waits_for_and_no_share_that_is_not_known()
    {
        await using var printer = Printer();
        _time.Advance(TimeSpan.FromSeconds(1));
        _progress.WaitingFor = "It is away.";

        Assert.Equal("0 measurements, 0 values, 0 values/s; waiting: It is away.", printer.Describe());
    }

    [Theory]
    [InlineData(false, 9, 0)]
    [InlineData(false, 10, 1)]
    [InlineData(true, 1, 1)]
    public async Task Line_comes_every_ten_seconds_and_on_a_terminal_every_second(bool isTerminal, int seconds, int lines)
    {
        await using var printer = Printer(isTerminal);
        _time.Advance(TimeSpan.FromSeconds(seconds));
        await printer.EndAsync("Done.");

        Assert.Equal(lines, _output.ToString().Split("measurements").Length - 1);
        Assert.EndsWith($"Done.{Environment.NewLine}", _output.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _output.Dispose();

    private ProgressPrinter Printer(bool isTerminal = false) => new(_progress, _output, isTerminal, _time);
}
