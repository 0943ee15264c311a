using IotBackend.ArchitectureTests.Fixtures.Application.Measurements;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace IotBackend.ArchitectureTests.Fixtures.Api.Measurements;

[NonController]
internal sealed class TakesAPort : ControllerBase
{
    private readonly Port _port;

    public TakesAPort(Port port, IOptions<Uri> elsewhere) => (_port, Elsewhere) = (port, elsewhere.Value);

    public Uri Elsewhere { get; }

    public Task<int> GetAsync(CancellationToken cancellationToken) => _port.CountAsync(1, cancellationToken);
}
