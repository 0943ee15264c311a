namespace IotBackend.Application.Nodes;

/// <summary>Sees to it that work in the background runs on one of the nodes that serve together.</summary>
public interface ILeases
{
    /// <summary>
    /// Takes a lease or prolongs the one that this node holds; false while another node holds it, or when it can not be known.
    /// Measured by one clock for all nodes. A node that has died loses it when its time is over.
    /// </summary>
    /// <param name="name">What it is for; lower-case words with hyphens.</param>
    /// <param name="duration">How long it holds if it is not prolonged.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<bool> TryTakeAsync(string name, TimeSpan duration, CancellationToken cancellationToken);
}
