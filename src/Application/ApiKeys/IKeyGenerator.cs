namespace IotBackend.Application.ApiKeys;

/// <summary>Makes new keys.</summary>
public interface IKeyGenerator
{
    /// <summary>A key in the form that its holder presents; the only time that its secret exists in the clear.</summary>
    string Create();

    /// <summary>The same with an id that there is already, and another secret.</summary>
    string Renew(string id);
}
