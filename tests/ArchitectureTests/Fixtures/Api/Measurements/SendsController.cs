using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.ArchitectureTests.Fixtures.Api.Measurements;

[NonController]
public sealed class SendsController(IMediator mediator) : ControllerBase
{
    public Task<int> GetAsync(CancellationToken cancellationToken) =>
        mediator.Send(new Application.Measurements.Mutable(), cancellationToken);
}
