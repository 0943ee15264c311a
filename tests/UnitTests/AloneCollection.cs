using Xunit;

namespace IotBackend.UnitTests;

/// <summary>Tests that measure the memory of the process, and so run with nothing beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "Alone";
}
