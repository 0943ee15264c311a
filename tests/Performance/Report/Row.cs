namespace IotBackend.Performance.Report;

/// <summary>A line of the table.</summary>
/// <param name="Id">P1, P2, …</param>
/// <param name="Work">What was done.</param>
/// <param name="Against">What it is compared with.</param>
/// <param name="Ours">What this backend reached, with unit.</param>
/// <param name="Theirs">What the other reached; "–" when there is no other.</param>
/// <param name="Figure">What the goal is about.</param>
/// <param name="FigureText">The same, for people.</param>
/// <param name="Goal">What it must reach.</param>
internal sealed record Row(
    string Id, string Work, string Against, string Ours, string Theirs, double Figure, string FigureText, Goal Goal)
{
    public bool? IsReached => Goal.IsReached?.Invoke(Figure);

    /// <summary>Ours divided by theirs (or the other way round when less is better), pair by pair as they ran side by side.</summary>
    public static Row Ratio(
        string id, string work, string against, string unit, IReadOnlyList<double> ours, IReadOnlyList<double> theirs, Goal goal, bool lessIsBetter = false)
    {
        var ratio = new Samples(ours.Zip(theirs, (our, their) => lessIsBetter ? their / our : our / their));
        return new Row(id, work, against, new Samples(ours).Text(unit), new Samples(theirs).Text(unit), ratio.Median, ratio.Text("×"), goal);
    }

    /// <summary>A figure that stands for itself.</summary>
    public static Row Plain(string id, string work, string unit, IReadOnlyList<double> values, Goal goal)
    {
        var samples = new Samples(values);
        return new Row(id, work, "–", samples.Text(unit), "–", samples.Median, $"{Figures.Short(samples.Median)} {unit}", goal);
    }
}
