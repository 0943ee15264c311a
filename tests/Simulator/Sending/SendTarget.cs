namespace IotBackend.Simulator.Sending;

/// <summary>Where measurements go, and one or many a request.</summary>
internal sealed record SendTarget(Uri Server, string ApiKey, string? Bucket, bool Single)
{
    public Uri Endpoint { get; } =
        new(Server, (Single ? "measurement" : "measurements") + (Bucket is null ? "" : "?bucket=" + Uri.EscapeDataString(Bucket)));
}
