using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.InfluxDb;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.InfluxDb;

public sealed class DatabaseNameTests
{
    [Theory]
    [InlineData("default", "default")]
    [InlineData("a/b", "a~2Fb")]
    [InlineData(".", "~2E")]
    [InlineData("..", "~2E~2E")]
    [InlineData("a.b", "a.b")]
    [InlineData("Ä 1%:", "Ä 1%:")]
    public void A_bucket_has_a_name_that_InfluxDB_takes(string bucket, string database)
    {
        var name = BucketName.TryParse(bucket, out _)!;

        Assert.Equal(database, DatabaseName.Encode(name));
        Assert.Equal(name, DatabaseName.Decode(database));
    }

    [Theory]
    [InlineData("_internal")]
    [InlineData("a=b")]
    [InlineData("q~2Ez")]
    [InlineData("")]
    public void Databases_that_no_bucket_can_be_called_are_nobodys(string database) => Assert.Null(DatabaseName.Decode(database));
}
