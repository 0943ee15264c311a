using FluentValidation;
using IotBackend.Application.Access;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Measurements;

/// <summary>What the database refused for good, of the buckets that the caller may use, oldest first.</summary>
/// <param name="Limit">1–1,000 entries a page.</param>
/// <param name="After">The last id of the page before; null for the first page.</param>
public sealed record ListRefusedMeasurements(int Limit, long? After) : IQuery<RefusedPage>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1_000;

    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public Error? AuthorizeObjects(Caller caller) => AccessErrors.CheckAllDevices(caller);
}

internal sealed class ListRefusedMeasurementsValidator : AbstractValidator<ListRefusedMeasurements>
{
    public ListRefusedMeasurementsValidator() => RuleFor(query => query.Limit).InclusiveBetween(1, ListRefusedMeasurements.MaxLimit)
        .OverridePropertyName("limit").WithErrorCode(ErrorCodes.InvalidParameter)
        .WithMessage($"'limit' is a whole number from 1 to {ListRefusedMeasurements.MaxLimit}.");
}

internal sealed class ListRefusedMeasurementsHandler(ICallerContext context, ISpool? spool = null)
    : IRequestHandler<ListRefusedMeasurements, Result<RefusedPage>>
{
    public async Task<Result<RefusedPage>> Handle(ListRefusedMeasurements request, CancellationToken cancellationToken) => spool is null
        ? SpoolErrors.NoSpool
        : await spool.ListRefusedAsync(context.Caller!.Buckets, request.Limit, request.After, cancellationToken);
}
