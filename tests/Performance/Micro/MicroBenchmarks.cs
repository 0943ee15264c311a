using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace IotBackend.Performance.Micro;

/// <summary>Benchmarks of single parts, in this process: a project made by the tool would not build under central package versions.</summary>
internal static class MicroBenchmarks
{
    public static int Run()
    {
        var config = ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default);
        Type[] benchmarks = [typeof(ChunkCodecBenchmark), typeof(MeasurementJsonBenchmark), typeof(BatchFormatBenchmark), typeof(NumberTextBenchmark)];
        var summaries = BenchmarkRunner.Run(benchmarks, config);
        return summaries.All(summary => summary.Reports.Any() && summary.Reports.All(report => report.Success)) ? 0 : 1;
    }
}
