using System.Text;
using FluentValidation;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Measurements;

/// <summary>Which keys and fields a request is about, as its parameters say it; what the caller may see of them is added from the caller.</summary>
/// <param name="Bucket">Null for the caller's default.</param>
public sealed record MeasurementTarget(
    BucketName? Bucket,
    IReadOnlyList<string> Devices,
    IReadOnlyList<string> Names,
    IReadOnlyList<string> Fields,
    IReadOnlyList<KeyValuePair<string, string>> Tags)
{
    public const int MaxDevices = 50;

    public static MeasurementTarget All { get; } = new(null, [], [], [], []);

    public MeasurementFilter ToFilter(Caller caller) => new(Bucket ?? caller.DefaultBucket, Devices, Names, Fields, Tags, caller.Devices);

    /// <summary>Refuses the bucket, or a device that is named but not allowed.</summary>
    public Error? Authorize(Caller caller)
    {
        if (AccessErrors.CheckBucket(caller, Bucket) is { } error)
            return error;
        if (caller.Devices.IsAll)
            return null;
        return Devices.FirstOrDefault(device => !caller.Devices.Contains(device)) is { } foreign ? AccessErrors.DeviceNotAllowed(foreign) : null;
    }
}

internal sealed class MeasurementTargetValidator : AbstractValidator<MeasurementTarget>
{
    public MeasurementTargetValidator()
    {
        RuleFor(target => target.Devices).Must(devices => devices.Count <= MeasurementTarget.MaxDevices)
            .OverridePropertyName("device").WithErrorCode(ErrorCodes.InvalidParameter)
            .WithMessage($"'device' may be given up to {MeasurementTarget.MaxDevices} times.");
        RuleFor(target => target).Custom((target, context) =>
        {
            CheckIdentifiers("device", target.Devices, context);
            CheckIdentifiers("name", target.Names, context);
            CheckIdentifiers("field", target.Fields, context);
            CheckIdentifiers("tag", target.Tags.Select(tag => tag.Key), context);
        });
    }

    private static void CheckIdentifiers(string parameter, IEnumerable<string> values, ValidationContext<MeasurementTarget> context)
    {
        foreach (var value in values)
        {
            if (Identifier.Check(Encoding.UTF8.GetBytes(value)) is { } wrong)
                context.AddFailure(new FluentValidation.Results.ValidationFailure(parameter, $"'{parameter}' {wrong}.") { ErrorCode = ErrorCodes.InvalidParameter });
        }
    }
}
