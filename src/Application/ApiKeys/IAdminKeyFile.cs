namespace IotBackend.Application.ApiKeys;

/// <summary>Where the first admin key is left for its owner.</summary>
public interface IAdminKeyFile
{
    string Path { get; }

    bool Exists { get; }

    /// <summary>Writes the key readable by its owner alone, replacing one that is there.</summary>
    void Write(string key);
}
