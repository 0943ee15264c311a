using IotBackend.Domain.Results;
using MediatR;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.Application.Pipeline;

/// <summary>Answers a query from the cache, or asks the handler once for all who wait for the same answer. Failures are not kept.</summary>
public sealed class CachingBehavior<TRequest, TResponse>(IFusionCache cache) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>, ICachedQuery
    where TResponse : class, IResult<TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var declaration = request.Cache;
        return await cache.GetOrSetAsync<TResponse>(
            declaration.Key,
            async (context, _) =>
            {
                var response = await next();
                if (response.Error is not null)
                    context.Options.SetSkipMemoryCacheWrite().SetSkipDistributedCacheWrite(true, true);
                return response;
            },
            options => options.SetDuration(declaration.Lifetime),
            declaration.Tags,
            cancellationToken);
    }
}
