using FluentValidation;
using IotBackend.Application.Access;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Caching;

/// <summary>
/// Asks queries again so that their answers are in the cache of this node: the most asked ones that show nothing the caller may not see, or those that
/// are listed, in the caller's name. Each listed one counts as a request of its own.
/// </summary>
/// <param name="Addresses">Paths with queries; null for the most asked.</param>
public sealed record WarmCache(IReadOnlyList<string>? Addresses) : ICommand<WarmedCache>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public const int MaxQueries = CacheWarmer.MaxQueries;

    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.CacheManage;

    // What is not the caller's is refused query by query, as if he asked it himself.
    public Error? AuthorizeObjects(Caller caller) => null;
}

internal sealed class WarmCacheValidator : AbstractValidator<WarmCache>
{
    public WarmCacheValidator() => RuleFor(command => command.Addresses).Must(addresses => addresses is not { Count: > WarmCache.MaxQueries })
        .OverridePropertyName("queries").WithErrorCode(ErrorCodes.NumberOutOfRange)
        .WithMessage($"'queries' has at most {WarmCache.MaxQueries} elements.");
}

internal sealed class WarmCacheHandler(CacheWarmer warmer, ICallerContext context) : IRequestHandler<WarmCache, Result<WarmedCache>>
{
    public async Task<Result<WarmedCache>> Handle(WarmCache request, CancellationToken cancellationToken)
    {
        var caller = context.Caller!;
        return request.Addresses is { } addresses
            ? await warmer.WarmAsync(addresses, caller, cancellationToken)
            : await warmer.WarmAsync(query => query.IsVisibleTo(caller), cancellationToken);
    }
}
