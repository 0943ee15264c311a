using IotBackend.Application.Pipeline;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.SystemStatus;

/// <summary>The server's time, for devices without a clock.</summary>
public sealed record GetTime : IQuery<DateTimeOffset>;

internal sealed class GetTimeHandler(TimeProvider time) : IRequestHandler<GetTime, Result<DateTimeOffset>>
{
    public Task<Result<DateTimeOffset>> Handle(GetTime request, CancellationToken cancellationToken) =>
        Task.FromResult(Result<DateTimeOffset>.Success(time.GetUtcNow()));
}
