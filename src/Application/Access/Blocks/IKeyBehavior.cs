namespace IotBackend.Application.Access.Blocks;

/// <summary>Told by the pipeline how keys fare with the rate limiter, at every request: it costs next to nothing.</summary>
public interface IKeyBehavior
{
    /// <summary>A request of the key was refused because its tier allows no more for now.</summary>
    void Refused(string keyId);

    /// <summary>A request of the key was granted.</summary>
    void Granted(string keyId);
}
