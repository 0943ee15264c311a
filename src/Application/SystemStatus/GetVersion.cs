using IotBackend.Application.Pipeline;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.SystemStatus;

/// <summary>What program runs here.</summary>
public sealed record GetVersion : IQuery<BuildInformation>;

/// <param name="Version">Semantic version, such as <c>1.4.0</c>.</param>
/// <param name="Commit">The commit that it was built from; empty when unknown.</param>
/// <param name="BuiltAt">When it was built.</param>
/// <param name="Runtime">Such as <c>.NET 10.0.1</c>.</param>
/// <param name="Environment">Such as <c>Production</c>.</param>
public sealed record BuildInformation(Version Version, string Commit, DateTimeOffset BuiltAt, string Runtime, string Environment);

internal sealed class GetVersionHandler(BuildInformation build) : IRequestHandler<GetVersion, Result<BuildInformation>>
{
    public Task<Result<BuildInformation>> Handle(GetVersion request, CancellationToken cancellationToken) =>
        Task.FromResult(Result<BuildInformation>.Success(build));
}
