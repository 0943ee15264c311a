using CsCheck;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>
/// Random things to do to a store: few names, so that they meet often, and times that collide, lie weeks apart, and reach to the ends of
/// what the store can keep.
/// </summary>
internal sealed class RandomActions(StoreFixture fixture)
{
    private const int MaxActions = 30;

    private static readonly string[] Devices = ["d-1", "d-2", "d.1", "ü", "\U00010400"];
    private static readonly string[] Names = ["climate", "power", "time"];
    private static readonly string[] Fields = ["boolean", "number", "text", "any", "Ä"];

    /// <summary>A field as well as a tag.</summary>
    private const string Site = "site";

    private static readonly KeyValuePair<string, string>[][] TagSets =
    [
        [], [new(Site, "a")], [new("a", "site"), new(Site, "b")], [new(Site, "b")], [new(Site, "a\\"), new("device", "d-1")], [new(Site, " ,=\"")],
    ];

    private static readonly DeviceSet[] VisibleSets =
    [
        DeviceSet.All, DeviceSet.All, DeviceSet.All, new([DevicePattern.Parse("d-*")]), new([DevicePattern.Parse("d.*")]),
        new([DevicePattern.Parse("d-1"), DevicePattern.Parse("ü")]),
    ];

    private static readonly Gen<FieldValue> Number = Gen.OneOf(
        Gen.Double[-1e6, 1e6], Gen.Double, Gen.Int[-10, 300].Select(whole => whole / 10.0), Gen.OneOf(-0.0, 0.0, double.MaxValue, double.Epsilon, 9007199254740994))
        .Where(double.IsFinite).Select(FieldValue.Of);

    private static readonly Gen<FieldValue> Boolean = Gen.Bool.Select(FieldValue.Of);

    private static readonly Gen<FieldValue> Text = Gen.OneOf(
        Gen.OneOf("", "ok", "Störung", "😀", "a\nb", "\"\\", "a,b=c d", "\0"), Gen.String[Gen.Char.AlphaNumeric, 0, 40]).Select(FieldValue.Of);

    private static readonly Gen<MeasurementKey> Key = Gen.Select(
        Gen.OneOf(Devices), Gen.OneOf(Names), Gen.OneOf(TagSets), (device, name, tags) => MeasurementKey.Create(device, name, tags));

    private readonly Gen<long> _time = Gen.Frequency(
        (6, Gen.Long[-20, 200].Select(second => Some.Noon + (second * Some.Second))),
        (3, Gen.Long[0, 30].Select(nanosecond => Some.Noon + nanosecond)),
        (2, Gen.Long[-60, 60].Select(week => Some.Noon + (week * 7 * Some.Day))),
        (1, Gen.OneOf(fixture.Earliest, fixture.Earliest + 1, -1L, 0L, 1L, long.MaxValue - 2, long.MaxValue - 1)));

    /// <summary>A history: what is done one after the other.</summary>
    public Gen<Func<ModelledBucket, Task>[]> History => Gen.Frequency(
        (8, Batch.Select<Measurement[], Func<ModelledBucket, Task>>(batch => bucket => bucket.WriteAsync(batch))),
        (2, Run.Select<Measurement[], Func<ModelledBucket, Task>>(run => bucket => bucket.WriteAsync(run))),
        (fixture.CanNotDelete is null ? 2 : 0, Gen.Select(Filter, Range).Select<(MeasurementFilter, TimeRange), Func<ModelledBucket, Task>>(where => bucket => bucket.DeleteAsync(where.Item1, where.Item2))),
        (6, Gen.Select(Filter, Range, Gen.Enum<SortOrder>(), Gen.OneOf(Gen.Int[1, 12], Gen.Int[1, 500]))
            .Select<(MeasurementFilter, TimeRange, SortOrder, int), Func<ModelledBucket, Task>>(
                query => bucket => bucket.ReadAsync(query.Item1, query.Item2, query.Item3, query.Item4))),
        (4, Gen.Select(Filter, Gen.Int[1, 6], Gen.OneOf(Gen.Const(long.MinValue), _time))
            .Select<(MeasurementFilter, int, long), Func<ModelledBucket, Task>>(query => bucket => bucket.ReadLatestAsync(query.Item1, query.Item2, query.Item3))),
        (4, Gen.Select(Filter, Range, Gen.OneOf(0L, 1, 7, 300, 3_600, 86_400), Gen.Enum<AggregateFunction>().Array[1, 3])
            .Select<(MeasurementFilter, TimeRange, long, AggregateFunction[]), Func<ModelledBucket, Task>>(
                query => bucket => bucket.AggregateAsync(query.Item1, query.Item2, query.Item3 * Some.Second, query.Item4))),
        (2, Gen.Select(Filter, Range, Gen.Enum<SortOrder>())
            .Select<(MeasurementFilter, TimeRange, SortOrder), Func<ModelledBucket, Task>>(query => bucket => bucket.StreamAsync(query.Item1, query.Item2, query.Item3))),
        (1, Gen.Const<Func<ModelledBucket, Task>>(bucket => bucket.RestartAsync())),
        (1, Gen.Const<Func<ModelledBucket, Task>>(bucket => bucket.RecreateAsync()))).Array[1, MaxActions];

    private string[] AllFields => fixture.TagsAndFieldsShareNames ? [.. Fields, Site] : Fields;

    private Gen<Field> AnyField => Gen.OneOf(AllFields).SelectMany(name => ValueOf(name).Select(value => new Field(name, value)));

    private Gen<Measurement[]> Batch => Gen.Select(Key, _time, AnyField.Array[1, 4], (key, time, fields) => new Measurement(
        key, new Timestamp(time), [.. fields.DistinctBy(one => one.Name)])).Array[1, 12];

    private static Gen<Measurement[]> Run => Gen.Select(Key, Gen.Long[-50, 150], Gen.Int[1, 300], Gen.Int[1, 3], (key, start, count, step) => Enumerable.Range(0, count)
        .Select(i => key.At(Some.Noon + ((start + (i * step)) * Some.Second), ("number", (i % 50) / 10.0))).ToArray());

    private Gen<MeasurementFilter> Filter => Gen.Select(
        Few(Devices), Few(Names), Few(AllFields), Gen.Frequency((2, Gen.Const(TagSets[0])), (1, Gen.OneOf(TagSets))), Gen.OneOf(VisibleSets),
        (devices, names, fields, tags, visible) => new MeasurementFilter(BucketName.Default, devices, names, fields, tags, visible));

    private Gen<TimeRange> Range => Gen.Select(_time, _time, Gen.Bool, (one, other, whole) => whole
        ? new TimeRange(Timestamp.MinValue, Timestamp.MaxValue)
        : new TimeRange(new Timestamp(Math.Min(one, other)), new Timestamp(Math.Max(one, other))));

    private static Gen<string[]> Few(string[] all) => Gen.Frequency((3, Gen.Const(Array.Empty<string>())), (2, Gen.OneOf([.. all, "unknown"]).Array[1, 3]));

    private static Gen<FieldValue> ValueOf(string field) => field switch
    {
        "boolean" => Boolean,
        "text" => Text,
        "any" => Gen.OneOf(Number, Boolean, Text),
        _ => Number,
    };
}
