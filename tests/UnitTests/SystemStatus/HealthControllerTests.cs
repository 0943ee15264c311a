using System.Text.Json.Nodes;
using IotBackend.Api.SystemStatus;
using IotBackend.Application.SystemStatus;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Hosting;
using NSubstitute;
using Xunit;

namespace IotBackend.UnitTests.SystemStatus;

public sealed class HealthControllerTests
{
    private static readonly BuildInformation Build = new(new Version(1, 2, 3), "", DateTimeOffset.UnixEpoch, "", "");

    [Fact]
    public async Task Figures_of_a_part_are_members_of_its_check_with_three_digits()
    {
        var figures = new Dictionary<string, double> { ["entries"] = 12, ["oldestSeconds"] = 1.23456, ["bytes"] = 123_456_789_012 };
        var checks = await ChecksAsync(new() { ["spool"] = new(HealthStatus.Degraded, 0.98765, "It waits.") { Figures = figures }, ["cache"] = new(HealthStatus.Healthy) });

        Assert.Equal(
            """{"status":"degraded","latencyMs":0.988,"message":"It waits.","entries":12,"oldestSeconds":1.235,"bytes":123456789012}""",
            checks["spool"]!.ToJsonString());
        Assert.Equal("""{"status":"healthy"}""", checks["cache"]!.ToJsonString());
    }

    private static async Task<JsonNode> ChecksAsync(Dictionary<string, ComponentHealth> checks)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var mediator = Substitute.For<IMediator>();
        mediator.Send(Arg.Any<GetHealth>(), cancellation).Returns(new SystemHealth(HealthStatus.Degraded, DateTimeOffset.UnixEpoch, checks));
        var readiness = new Readiness(Substitute.For<IHostApplicationLifetime>(), TimeProvider.System);
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Response = { Body = body } };
        var controller = new HealthController(mediator, Build, readiness, TimeProvider.System) { ControllerContext = new ControllerContext { HttpContext = context } };

        await controller.Health(cancellation);
        await context.Response.BodyWriter.FlushAsync(cancellation);

        return JsonNode.Parse(body.ToArray())!["checks"]!;
    }
}
