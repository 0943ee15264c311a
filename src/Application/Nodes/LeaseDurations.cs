namespace IotBackend.Application.Nodes;

/// <summary>Leases for work that is done again and again.</summary>
public static class LeaseDurations
{
    /// <summary>
    /// Takes a lease until past the next time that the work is due, so that its holder prolongs it then and another node takes it over
    /// at most one time later.
    /// </summary>
    /// <param name="leases">Who gives them.</param>
    /// <param name="name">What it is for.</param>
    /// <param name="every">How often the work is done.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static ValueTask<bool> TryTakeForAsync(this ILeases leases, string name, TimeSpan every, CancellationToken cancellationToken) =>
        leases.TryTakeAsync(name, every * 1.5, cancellationToken);
}
