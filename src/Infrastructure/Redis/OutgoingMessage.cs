namespace IotBackend.Infrastructure.Redis;

/// <param name="Topic">Where it is told.</param>
/// <param name="Frame">What is sent.</param>
/// <param name="CanWait">Whether it goes after all that can not wait.</param>
internal readonly record struct OutgoingMessage(string Topic, NodeMessageFrame Frame, bool CanWait)
{
    // What an empty message takes here and on its way, about.
    private const int Overhead = 128;

    public int Bytes => Overhead + Frame.Payload.Length;
}
