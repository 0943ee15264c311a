using IotBackend.Domain.Results;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Api.Http;

/// <summary>Answers with an error of the contract.</summary>
internal sealed class ErrorResult(Error error) : IActionResult
{
    public Task ExecuteResultAsync(ActionContext context) =>
        context.HttpContext.RequestServices.GetRequiredService<ErrorWriter>().WriteAsync(context.HttpContext, error);
}
