using System.Text;
using CsCheck;
using IotBackend.Application.Devices;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Devices;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Devices;

public sealed class DeviceIndexTests
{
    private static readonly Gen<string> Name = Gen.String[Gen.Char["abé"], 1, 4];

    [Fact]
    public void Pages_hold_what_a_look_at_every_device_would_find() => Gen.Select(
        Gen.Select(Name, Gen.Long[0, 9], Gen.Long[0, 2]).List[0, 30],
        Gen.String[Gen.Char["abé"], 0, 2],
        Gen.Select(Name, Gen.Bool).List[0, 3],
        Gen.Long[-1, 10],
        Gen.Long[-1, 10],
        Gen.Int[1, 6]).Sample((devices, prefix, patterns, active, inactive, limit) =>
    {
        var index = new DeviceIndex();
        var visible = new DeviceSet([.. patterns.Select(pattern => DevicePattern.Parse(pattern.Item1 + (pattern.Item2 ? "*" : "")))]);
        var expected = new List<string>();
        foreach (var (name, seen, count) in devices.DistinctBy(device => device.Item1))
        {
            var record = new DeviceRecord(Encoding.UTF8.GetBytes(name));
            record.Set(count, seen, seen);
            index.Add(record);

            // In between, so that what is new is merged into what is sorted already.
            if (seen % 3 == 0)
                index.Sorted();
            if (count > 0 && name.StartsWith(prefix, StringComparison.Ordinal) && visible.Contains(name) && seen >= active && (inactive < 0 || seen < inactive))
                expected.Add(name);
        }

        expected.Sort((a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)));
        var found = new List<string>();
        for (var hasMore = true; hasMore;)
        {
            var page = index.List(new DeviceQuery(BucketName.Default, visible, prefix, At(active), At(inactive), limit, found.LastOrDefault()));
            Assert.InRange(page.Items.Count, page.HasMore ? limit : 0, limit);
            found.AddRange(page.Items.Select(device => device.Device));
            hasMore = page.HasMore;
        }

        Assert.Equal(expected, found);
    });

    private static Timestamp? At(long nanoseconds) => nanoseconds >= 0 ? new Timestamp(nanoseconds) : null;
}
