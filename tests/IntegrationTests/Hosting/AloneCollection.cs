using Xunit;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>Tests that measure time or exhaust the machine, and so run one after the other with nothing beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "Alone";
}
