using FluentValidation;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Access.Audit;

/// <summary>One page of the audit log, the newest first.</summary>
/// <param name="Filter">Which entries; its limit is that of a page, 1–1,000.</param>
public sealed record ListAuditEntries(AuditFilter Filter) : IQuery<AuditPage>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1_000;

    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    // The entries tell of all buckets, devices and keys.
    public Error? AuthorizeObjects(Caller caller) => AccessErrors.CheckUnlimited(caller);
}

/// <param name="Items">Entries, the newest first.</param>
/// <param name="HasMore">True when there were more than the limit.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Items, bool HasMore);

internal sealed class ListAuditEntriesValidator : AbstractValidator<ListAuditEntries>
{
    public ListAuditEntriesValidator() => RuleFor(query => query.Filter.Limit).InclusiveBetween(1, ListAuditEntries.MaxLimit)
        .OverridePropertyName("limit").WithErrorCode(ErrorCodes.InvalidParameter)
        .WithMessage($"'limit' is a whole number from 1 to {ListAuditEntries.MaxLimit}.");
}

internal sealed class ListAuditEntriesHandler(IAuditLog log) : IRequestHandler<ListAuditEntries, Result<AuditPage>>
{
    public Task<Result<AuditPage>> Handle(ListAuditEntries request, CancellationToken cancellationToken) => KeyStoreGuard.AskAsync<AuditPage>(async () =>
    {
        var limit = request.Filter.Limit;
        var found = await log.ListAsync(request.Filter with { Limit = limit + 1 }, cancellationToken);
        return new AuditPage([.. found.Take(limit)], found.Count > limit);
    });
}
