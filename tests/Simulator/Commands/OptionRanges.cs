using System.CommandLine;

namespace IotBackend.Simulator.Commands;

/// <summary>Ranges of numeric options, told before anything is sent.</summary>
internal static class OptionRanges
{
    public static Option<int> AtLeast(this Option<int> option, int least)
    {
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least)
                result.AddError($"{option.Name} is at least {least}.");
        });
        return option;
    }

    public static Option<double> Positive(this Option<double> option)
    {
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and < double.PositiveInfinity))
                result.AddError($"{option.Name} is above 0.");
        });
        return option;
    }
}
