namespace IotBackend.Performance.Load;

/// <summary>Bodies of 10,000 lines, sent by 8 clients to whatever takes line protocol.</summary>
/// <param name="folder">Gets the bodies.</param>
internal sealed class LineLoad(string folder)
{
    private const int Clients = 8;
    private const int Lines = 10_000;
    private const int DifferentBodies = 4;

    private readonly string[] _files = BatchBodies.WriteLines(folder, DifferentBodies, Lines);

    /// <summary>Points a second that were answered with success.</summary>
    /// <param name="writeAddress">Where to, with what its query has to say.</param>
    /// <param name="key">Null when none is asked for.</param>
    /// <param name="duration">How long.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public async Task<double> PointsPerSecondAsync(Uri writeAddress, string? key, TimeSpan duration, CancellationToken cancellationToken)
    {
        var result = await Wrk.RunAsync(writeAddress, WrkScripts.LineBatches(writeAddress, _files, key), duration, cancellationToken, Clients);
        return (double)Lines * FleetSlice.FieldsADevice * result.RequestsPerSecond;
    }
}
