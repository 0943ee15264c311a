using FluentValidation;
using IotBackend.Application.Access;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Measurements;

/// <summary>Counts what <see cref="DeleteMeasurements"/> would take, and takes nothing. A request of its own, since it changes nothing that an audit log tells of.</summary>
/// <param name="What">Which.</param>
public sealed record PreviewDeletion(Deletion What) : IQuery<long>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    // Who may not delete need not know what he would delete.
    public Scopes RequiredScope => Scopes.MeasurementsDelete;

    public Error? AuthorizeObjects(Caller caller) => What.Target.Authorize(caller);
}

internal sealed class PreviewDeletionValidator : AbstractValidator<PreviewDeletion>
{
    public PreviewDeletionValidator() => RuleFor(query => query.What).SetValidator(new DeletionValidator()).OverridePropertyName(string.Empty);
}

internal sealed class PreviewDeletionHandler(IMeasurementStore store, ICallerContext context) : IRequestHandler<PreviewDeletion, Result<long>>
{
    public async Task<Result<long>> Handle(PreviewDeletion request, CancellationToken cancellationToken) =>
        await store.DeleteAsync(request.What.ToSelection(context.Caller!), dryRun: true, cancellationToken);
}
