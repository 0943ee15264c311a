using System.CommandLine;
using IotBackend.Performance.Micro;

namespace IotBackend.Performance;

/// <summary>What a person can ask for.</summary>
internal static class Commands
{
    private const string All = "all";
    private const string GrowthName = "growth";
    private const string OverloadName = "overload";
    private const string MicroName = "micro";
    private const string ProfileName = "profile";

    private static readonly Argument<string[]> What = new("what")
    {
        Description = $"{All}, {GrowthName}, {OverloadName}, {MicroName}, {ProfileName}, or any of {string.Join(' ', Catalogue.All.Select(benchmark => benchmark.Id.ToLowerInvariant()))}",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> Quick = new("--quick") { Description = "Short runs with little data: to see that it works." };
    private static readonly Option<bool> Full = new("--full") { Description = "With growth: 100 M points too." };
    private static readonly Option<bool> WriteDocs = new("--write-docs") { Description = "Keep the table in docs/performance.md." };
    private static readonly Option<bool> Install = new("--install") { Description = "Install missing Debian packages (as root)." };

    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "With overload: how long each load goes on.",
        DefaultValueFactory = _ => 60,
    };

    private static readonly Option<int[]> Times = new("--times")
    {
        Description = "With overload: the loads, as multiples of the capacity.",
        DefaultValueFactory = _ => [1, 2, 5],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string> Data = new("--data")
    {
        Description = "The folder below which servers get their data folders; best on a disk.",
        DefaultValueFactory = _ => Path.GetTempPath(),
    };

    public static Task<int> RunAsync(string[] arguments)
    {
        var root = new RootCommand("Measures IotBackend side by side with what it is compared to.") { What, Quick, Full, WriteDocs, Install, Data, Seconds, Times };
        root.SetAction(RunAsync);
        return root.Parse(arguments).InvokeAsync();
    }

    private static async Task<int> RunAsync(ParseResult asked, CancellationToken cancellationToken)
    {
        var names = asked.GetRequiredValue(What);
        if (names is [MicroName])
            return MicroBenchmarks.Run();
        if (names.FirstOrDefault(name => name is not All and not GrowthName and not OverloadName and not ProfileName && Catalogue.Find(name) is null) is { } unknown)
            return Refuse($"There is no measurement '{unknown}'.");
        if (!Repository.IsReleaseBuild)
            return Refuse("Only a Release build measures anything: dotnet run --project tests/Performance -c Release -- …");
        if (await Tools.CheckAsync(asked.GetValue(Install)) is { } missing)
            return Refuse(missing);
        var bench = new Bench(asked.GetValue(Quick), asked.GetValue(Full), asked.GetRequiredValue(Data));
        if (names is [ProfileName])
        {
            await Profile.RunAsync(bench, cancellationToken);
            return 0;
        }

        var runner = new Runner(bench, asked.GetValue(WriteDocs));
        if (names is [OverloadName])
            return await runner.OverloadAsync(asked.GetRequiredValue(Times), TimeSpan.FromSeconds(asked.GetValue(Seconds)), cancellationToken);
        var chosen = names.Contains(All) ? Catalogue.All : [.. Catalogue.All.Where(one => names.Any(name => Catalogue.Find(name) == one))];
        return await runner.RunAsync(chosen, names.Contains(GrowthName), cancellationToken);
    }

    private static int Refuse(string reason)
    {
        Console.Error.WriteLine(reason);
        return 2;
    }
}
