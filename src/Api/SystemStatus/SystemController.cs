using IotBackend.Api.Http;
using IotBackend.Application.SystemStatus;
using IotBackend.Domain.Measurements;
using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Api.SystemStatus;

/// <summary>What runs here and what time it is.</summary>
[ApiController]
[AllowAnonymous]
[Tags("System")]
public sealed class SystemController(IMediator mediator) : ControllerBase
{
    /// <summary>The program's version; cacheable for an hour.</summary>
    [AcceptVerbs("GET", "HEAD", Route = "version")]
    [ProducesResponseType<VersionDocument>(StatusCodes.Status200OK, "application/json")]
    public async Task<IActionResult> Version(CancellationToken cancellationToken)
    {
        var result = await mediator.Send(new GetVersion(), cancellationToken);
        if (result.Error is { } error)
            return new ErrorResult(error);
        var build = result.Value;
        Response.Headers.CacheControl = "public, max-age=3600";
        return new JsonResult(new VersionDocument(
            build.Version.ToString(3), build.Version.Major, build.Version.Minor, build.Version.Build,
            build.Commit, Timestamp.From(build.BuiltAt).ToString(), build.Runtime, build.Environment));
    }

    /// <summary>The server's time, for devices without a clock; never cached.</summary>
    [AcceptVerbs("GET", "HEAD", Route = "time")]
    [ProducesResponseType<TimeDocument>(StatusCodes.Status200OK, "application/json")]
    public async Task<IActionResult> Time(CancellationToken cancellationToken)
    {
        var result = await mediator.Send(new GetTime(), cancellationToken);
        if (result.Error is { } error)
            return new ErrorResult(error);
        Response.Headers.CacheControl = "no-store";
        return new JsonResult(new TimeDocument(Timestamp.From(result.Value).ToString(), result.Value.ToUnixTimeMilliseconds()));
    }
}
