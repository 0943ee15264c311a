using System.Text.Json;
using IotBackend.Api.Http;
using IotBackend.Application.SystemStatus;
using IotBackend.Domain.Measurements;
using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Api.SystemStatus;

/// <summary>How the system is, for people, monitors and orchestrators.</summary>
[ApiController]
[AllowAnonymous]
[Tags("System")]
[Route("health")]
public sealed class HealthController(IMediator mediator, BuildInformation build, Readiness readiness, TimeProvider time) : ControllerBase
{
    /// <summary>The status of the whole and of each part; 503 when unhealthy.</summary>
    [AcceptVerbs("GET", "HEAD", Route = "")]
    [ProducesResponseType<HealthDocument>(StatusCodes.Status200OK, "application/json")]
    [ProducesResponseType<HealthDocument>(StatusCodes.Status503ServiceUnavailable, "application/json")]
    public async Task<IActionResult> Health(CancellationToken cancellationToken)
    {
        var result = await mediator.Send(new GetHealth(), cancellationToken);
        if (result.Error is { } error)
            return new ErrorResult(error);
        Response.StatusCode = result.Value.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        Response.Headers.CacheControl = "no-store";
        using var body = new JsonBody();
        Write(body.Writer, result.Value);
        await body.SendAsync(Response, JsonBody.MediaType, cancellationToken);
        return new EmptyResult();
    }

    /// <summary>200 as long as the process answers.</summary>
    [AnsweredUnderOverload]
    [AcceptVerbs("GET", "HEAD", Route = "live")]
    [ProducesResponseType<ProbeDocument>(StatusCodes.Status200OK, "application/json")]
    public Task<IActionResult> Live(CancellationToken cancellationToken) => Probe("live", StatusCodes.Status200OK, cancellationToken);

    /// <summary>200 when requests may come; 503 while starting and while shutting down.</summary>
    [AnsweredUnderOverload]
    [AcceptVerbs("GET", "HEAD", Route = "ready")]
    [ProducesResponseType<ProbeDocument>(StatusCodes.Status200OK, "application/json")]
    [ProducesResponseType<ProbeDocument>(StatusCodes.Status503ServiceUnavailable, "application/json")]
    public Task<IActionResult> Ready(CancellationToken cancellationToken) => readiness.IsReady
        ? Probe("ready", StatusCodes.Status200OK, cancellationToken)
        : Probe("notReady", StatusCodes.Status503ServiceUnavailable, cancellationToken);

    private async Task<IActionResult> Probe(string status, int code, CancellationToken cancellationToken)
    {
        Response.StatusCode = code;
        Response.Headers.CacheControl = "no-store";
        using var body = new JsonBody();
        body.Writer.WriteStartObject();
        body.Writer.WriteString("status"u8, status);
        body.Writer.WriteEndObject();
        await body.SendAsync(Response, JsonBody.MediaType, cancellationToken);
        return new EmptyResult();
    }

    private void Write(Utf8JsonWriter json, SystemHealth health)
    {
        json.WriteStartObject();
        json.WriteString("status"u8, NameOf(health.Status));
        json.WriteString("name"u8, "IotBackend");
        json.WriteString("version"u8, build.Version.ToString(3));
        json.WriteString("timestamp"u8, Timestamp.From(health.CheckedAt).ToString());
        json.WriteNumber("uptimeSeconds"u8, (long)time.GetElapsedTime(readiness.StartedAt).TotalSeconds);
        json.WriteStartObject("checks"u8);
        foreach (var (name, check) in health.Checks.OrderBy(check => check.Key, StringComparer.Ordinal))
        {
            json.WritePropertyName(name);
            Write(json, check);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ComponentHealth check)
    {
        json.WriteStartObject();
        json.WriteString("status"u8, NameOf(check.Status));
        if (check.LatencyMs is { } latency)
            json.WriteNumber("latencyMs"u8, Math.Round(latency, 3));
        if (check.Message is { } message)
            json.WriteString("message"u8, message);
        foreach (var (figure, value) in check.Figures)
            json.WriteNumber(figure, Math.Round(value, 3));
        json.WriteEndObject();
    }

    private static string NameOf(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}
