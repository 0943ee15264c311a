using System.Diagnostics.CodeAnalysis;

namespace IotBackend.ArchitectureTests.Fixtures.Application.Measurements;

internal interface Port
{
    [SuppressMessage("Design", "CA1068", Justification = "Broken on purpose.")]
    Task<int> ReadAsync(CancellationToken cancellationToken, int limit);

    Task ForgetAsync(int limit);

    Task<int> CountAsync(int limit, CancellationToken cancellationToken);
}
