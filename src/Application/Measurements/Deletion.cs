using FluentValidation;
using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Measurements;

/// <summary>What is to be deleted: at least one device has to be named, so that nobody empties a bucket by a parameter that he forgot.</summary>
/// <param name="Target">Which keys and fields.</param>
/// <param name="Range">Half-open range of time; its ends are open where the request names none.</param>
public sealed record Deletion(MeasurementTarget Target, TimeRange Range)
{
    public static TimeRange AllTime { get; } = new(Timestamp.MinValue, Timestamp.MaxValue);

    public MeasurementSelection ToSelection(Caller caller) => new(Target.ToFilter(caller), Range);

    /// <summary>As the audit log has it.</summary>
    /// <param name="bucket">Null while it is not known which one the caller means.</param>
    /// <param name="matched">How many measurements it took; null while that is not known.</param>
    internal object Describe(string? bucket, long? matched) => new
    {
        Bucket = bucket ?? Target.Bucket?.Value,
        Target.Devices,
        Target.Names,
        Target.Fields,
        Tags = Target.Tags.Select(tag => $"{tag.Key}={tag.Value}").ToArray(),
        From = Range.From == Timestamp.MinValue ? null : Range.From.ToString(),
        To = Range.To == Timestamp.MaxValue ? null : Range.To.ToString(),
        Matched = matched,
    };
}

internal sealed class DeletionValidator : AbstractValidator<Deletion>
{
    public DeletionValidator()
    {
        RuleFor(deletion => deletion.Target).SetValidator(new MeasurementTargetValidator()).OverridePropertyName(string.Empty);
        RuleFor(deletion => deletion.Target.Devices).NotEmpty()
            .OverridePropertyName("device").WithErrorCode(ErrorCodes.InvalidParameter)
            .WithMessage("'device' is required: a deletion names its devices.");
        RuleFor(deletion => deletion.Range).Must(range => range.From <= range.To)
            .OverridePropertyName("from").WithErrorCode(ErrorCodes.InvalidParameter)
            .WithMessage("'from' lies after 'to'.");
    }
}
