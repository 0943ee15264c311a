namespace IotBackend.Api.Formats;

/// <summary>The labels of a SenML record (RFC 8428, section 4): those of the base hold from their record on.</summary>
[Flags]
internal enum SenmlLabel
{
    Unknown = 0,
    BaseName = 1,
    BaseTime = 1 << 1,
    BaseUnit = 1 << 2,
    BaseValue = 1 << 3,
    BaseSum = 1 << 4,
    BaseVersion = 1 << 5,
    Name = 1 << 6,
    Unit = 1 << 7,
    Value = 1 << 8,
    TextValue = 1 << 9,
    BooleanValue = 1 << 10,
    DataValue = 1 << 11,
    Sum = 1 << 12,
    Time = 1 << 13,
    UpdateTime = 1 << 14,

    AnyBase = BaseName | BaseTime | BaseUnit | BaseValue | BaseSum | BaseVersion,
    AnyValue = Value | TextValue | BooleanValue | DataValue,
}
