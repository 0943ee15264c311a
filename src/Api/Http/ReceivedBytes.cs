namespace IotBackend.Api.Http;

/// <summary>How many bytes of the current request's body were read, as they came; one a request.</summary>
internal sealed class ReceivedBytes
{
    public long Count { get; private set; }

    public void Add(int bytes) => Count += bytes;
}
