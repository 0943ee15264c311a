using System.Globalization;
using BenchmarkDotNet.Attributes;
using IotBackend.Api.Formats;

namespace IotBackend.Performance.Micro;

/// <summary>Writing numbers as sensors send them, beside the runtime's search for the shortest form; figures are for one number.</summary>
public class NumberTextBenchmark
{
    private const int Count = 1_000;

    private readonly double[] _numbers = [.. Enumerable.Range(0, Count).Select(i => 20 + (i * 7 % 500 / 10.0))];
    private readonly byte[] _text = new byte[NumberText.MaxLength];

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public int Runtime()
    {
        var total = 0;
        foreach (var number in _numbers)
        {
            number.TryFormat(_text, out var length, default, CultureInfo.InvariantCulture);
            total += length;
        }

        return total;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int FewDecimals()
    {
        var total = 0;
        foreach (var number in _numbers)
            total += NumberText.Format(number, _text);
        return total;
    }
}
