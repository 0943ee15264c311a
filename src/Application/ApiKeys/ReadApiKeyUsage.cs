using IotBackend.Application.Access.Usage;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.ApiKeys;

/// <summary>What a key used by hour and by day, the newest first, up to this moment; hours and days without use are left out.</summary>
/// <param name="Id">The public part of the key.</param>
/// <param name="From">Hours and days that begin then or later; null: the last 48 hours and 31 days.</param>
/// <param name="To">Hours and days that begin before; null: now.</param>
public sealed record ReadApiKeyUsage(string Id, DateTimeOffset? From, DateTimeOffset? To) : IQuery<ApiKeyUsage>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public static readonly TimeSpan DefaultHours = TimeSpan.FromHours(48);
    public static readonly TimeSpan DefaultDays = TimeSpan.FromDays(31);

    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    // The handler finds out whether the caller may see the key at all.
    public Error? AuthorizeObjects(Caller caller) => null;
}

/// <param name="Hours">Hours of UTC.</param>
/// <param name="Days">Days of UTC.</param>
public sealed record ApiKeyUsage(IReadOnlyList<KeyUsage> Hours, IReadOnlyList<KeyUsage> Days);

internal sealed class ReadApiKeyUsageHandler(ApiKeyEditor editor, UsageMeter meter, TimeProvider time) : IRequestHandler<ReadApiKeyUsage, Result<ApiKeyUsage>>
{
    public Task<Result<ApiKeyUsage>> Handle(ReadApiKeyUsage request, CancellationToken cancellationToken) => KeyStoreGuard.AskAsync<ApiKeyUsage>(async () =>
    {
        var found = await editor.FindAsync(request.Id, cancellationToken);
        if (found.Error is { } error)
            return error;
        var now = time.GetUtcNow();

        // The hour that is now begins before now.
        var to = request.To ?? now.AddTicks(1);
        return new ApiKeyUsage(
            await ReadAsync(UsagePeriod.Hour, request.From ?? now - ReadApiKeyUsage.DefaultHours),
            await ReadAsync(UsagePeriod.Day, request.From ?? now - ReadApiKeyUsage.DefaultDays));

        Task<IReadOnlyList<KeyUsage>> ReadAsync(int hours, DateTimeOffset from) => meter.ReadAsync(request.Id, hours, from, to, cancellationToken);
    });
}
