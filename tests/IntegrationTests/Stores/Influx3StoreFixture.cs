using IotBackend.IntegrationTests.Hosting;
using IotBackend.IntegrationTests.Influx.Strict;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>The store in an InfluxDB 3.x, a strict one in front of a real 1.x.</summary>
public sealed class Influx3StoreFixture : StoreFixture
{
    private const string OneName = "InfluxDB 3.x refuses a field that is called like a tag of its table.";
    private const string Description = "InfluxDB 3.x keeps no descriptions.";
    private const string Name = "InfluxDB 3.x has databases of A-Z, a-z, 0-9, - and _ only.";

    private const string Hidden = "InfluxDB 3.x hides what is older than the retention, and shows it again when that is lengthened.";

    internal static IReadOnlyDictionary<string, string> Lacking { get; } = new Dictionary<string, string>
    {
        [nameof(NameTests.Name_is_a_name_wherever_it_stands)] = OneName,
        [nameof(NameTests.Tag_and_field_of_one_name_are_two_things)] = OneName,
        [nameof(NameTests.Tags_and_fields_may_be_called_what_a_database_calls_its_own)] = OneName,
        [nameof(NameTests.Names_of_the_greatest_length_are_kept)] = OneName,
        [nameof(NameTests.Names_that_differ_in_little_are_different)] = OneName,
        [nameof(FilterTests.Fifty_devices_of_the_longest_names_with_as_many_fields_and_names_are_found)] = OneName,
        [nameof(BucketTests.New_bucket_is_found_and_listed_with_its_rules_after_a_restart_as_well)] = Description,
        [nameof(BucketTests.Rules_change_and_measurements_stay)] = Description,
        [nameof(BucketTests.Description_of_the_greatest_length_is_kept)] = Description,
        [nameof(RetentionTests.What_is_older_than_the_retention_goes_by_itself_and_does_not_come_back)] = Hidden,
        [nameof(RetentionTests.What_is_not_older_than_the_retention_stays)] = Hidden,
        [nameof(BucketTests.Name_is_a_name)] = Name,
        [nameof(BucketTests.Buckets_are_listed_in_the_order_of_the_bytes_of_their_names)] = Name,
    };

    private InfluxServer? _real;
    private StrictInflux3? _influx;

    internal override long Earliest => long.MinValue + 2;

    internal override bool JudgesTypesByBucket => true;

    internal override long Latest => long.MaxValue - 1;

    internal override int Histories => 5;

    internal override IReadOnlyDictionary<string, string> Lacks => Lacking;

    internal override string CanNotDelete => "InfluxDB 3.x can not delete single measurements.";

    internal override bool TagsAndFieldsShareNames => false;

    protected override string? Missing => InfluxProcess.Find() is null ? InfluxServer.Missing : null;

    protected override async Task<IReadOnlyList<string>> StartDatabaseAsync()
    {
        _real = await InfluxServer.StartAsync();
        _influx = new StrictInflux3(_real.Url, mostDatabases: 1_000);
        await _influx.StartAsync(TestContext.Current.CancellationToken);
        return
        [
            "--Measurements:Store=InfluxDb", $"--Measurements:InfluxDb:Url={_influx.Url}", $"--Measurements:InfluxDb:Token={StrictInflux3.Token}",
        ];
    }

    protected override async Task StopDatabaseAsync()
    {
        if (_influx is { } influx)
        {
            await influx.DisposeAsync();
            Assert.Empty(influx.Deviations);
        }

        if (_real is { } real)
            await real.DisposeAsync();
    }
}
