using FluentValidation;
using IotBackend.Application.Access;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Measurements;

/// <summary>Deletes measurements, or single fields of them, for ever; returns how many measurements lost at least one value.</summary>
/// <param name="What">Which.</param>
public sealed record DeleteMeasurements(Deletion What) : ICommand<long>, IRateLimited, IRequiresAccess, IParsedRequest, IAudited
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.MeasurementsDelete;

    public AuditSubject Subject => new("measurements.delete", "measurements", What.Target.Devices is [var only] ? only : null, What.Describe(null, null));

    public Error? AuthorizeObjects(Caller caller) => What.Target.Authorize(caller);
}

internal sealed class DeleteMeasurementsValidator : AbstractValidator<DeleteMeasurements>
{
    public DeleteMeasurementsValidator() => RuleFor(command => command.What).SetValidator(new DeletionValidator()).OverridePropertyName(string.Empty);
}

internal sealed class DeleteMeasurementsHandler(IMeasurementStore store, ICallerContext context, AuditTrail trail)
    : IRequestHandler<DeleteMeasurements, Result<long>>
{
    public async Task<Result<long>> Handle(DeleteMeasurements request, CancellationToken cancellationToken)
    {
        var selection = request.What.ToSelection(context.Caller!);

        // Not given up when the client goes: half of it may be done.
        cancellationToken.ThrowIfCancellationRequested();
        var deleted = await store.DeleteAsync(selection, dryRun: false, CancellationToken.None);
        if (deleted.IsSuccess)
            trail.Tell(request.What.Describe(selection.Filter.Bucket.Value, deleted.Value), null);
        return deleted;
    }
}
