using IotBackend.Application.Access;
using IotBackend.Application.Caching;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Pipeline;

/// <summary>Answers a query with bytes from the cache, or asks its handler once for all who wait for the same answer.</summary>
/// <remarks>The handler is taken as such, and not as the next step, which is found only when it is asked for: that would be too late after the request has ended.</remarks>
public sealed class AnswerCachingBehavior<TRequest, TResponse>(
    AnswerCache cache, SharedAnswers shared, AskedQueries asked, ICallerContext context, IRequestHandler<TRequest, TResponse> handler)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>, IAnswerQuery
    where TResponse : class, IResult<TResponse>
{
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var declaration = request.Declare(context.Caller!);
        asked.Count(declaration, context.Caller!);

        // First the generation, then everything else: what is found or read may not be older.
        var generation = cache.Watch(declaration);
        var key = declaration.Key;
        if (cache.Find(key, generation, out var isToBeRefreshed) is not { } found)
            return MakeAsync(request, declaration, generation, cancellationToken);
        if (isToBeRefreshed)
            Refresh(request, declaration, generation);
        return Task.FromResult(Response(found));
    }

    private async Task<TResponse> MakeAsync(TRequest request, AnswerDeclaration declaration, long generation, CancellationToken cancellationToken) => Response(await cache.MakeAsync(
        declaration.Key,
        generation,
        token => shared.FindOrReadAsync(declaration, isRefresh: false, last => ReadAsync(request, last), token),
        cancellationToken));

    private void Refresh(TRequest request, AnswerDeclaration declaration, long generation) => cache.Refresh(
        declaration.Key,
        generation,
        token => shared.FindOrReadAsync(declaration, isRefresh: true, last => ReadAsync(request, last), token));

    private async Task<Result<ServedAnswer>> ReadAsync(TRequest request, CancellationToken cancellationToken) =>
        (Result<ServedAnswer>)(object)await handler.Handle(request, cancellationToken);

    // Queries of this kind all answer so; C# has no way to say it.
    private static TResponse Response(Result<ServedAnswer> result) => (TResponse)(object)result;
}
