using IotBackend.ArchitectureTests.Fixtures.Application.Measurements;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.ArchitectureTests.Fixtures.Api.Measurements;

[NonController]
internal sealed class TakesAPort : ControllerBase
{
    private readonly Port _port;

    public TakesAPort(Port port) => _port = port;

    public Task<int> GetAsync(CancellationToken cancellationToken) => _port.CountAsync(1, cancellationToken);
}
