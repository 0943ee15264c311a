using IotBackend.Application.SystemStatus;
using IotBackend.Infrastructure.Measurements.Spool;
using Xunit;
using static IotBackend.UnitTests.Infrastructure.Measurements.Spool.TestSpool;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Spool;

public sealed class SpoolHealthTests
{
    [Fact]
    public async Task An_empty_spool_is_healthy()
    {
        using var spool = new TestSpool();

        var health = await CheckAsync(spool);

        Assert.Equal((HealthStatus.Healthy, null), (health.Status, health.Message));
        Assert.Equal(["bytes", "depth", "entries", "oldestAgeSeconds", "refused"], health.Figures.Keys.Order(StringComparer.Ordinal));
        Assert.All(health.Figures.Values, figure => Assert.Equal(0, figure));
    }

    [Fact]
    public async Task What_waits_is_told_with_its_age()
    {
        using var spool = new TestSpool();
        await spool.TryAppendAsync(A, "12345", measurements: 40);
        spool.Time.Advance(TimeSpan.FromSeconds(90.5));
        await spool.TryAppendAsync(B, "678", measurements: 2);

        var health = await CheckAsync(spool);

        Assert.Equal((HealthStatus.Degraded, "42 measurements wait for the database since 2026-11-23T20:44:00Z."), (health.Status, health.Message));
        Assert.Equal([8, 42, 2, 90.5, 0], health.Figures.OrderBy(figure => figure.Key, StringComparer.Ordinal).Select(figure => figure.Value));
    }

    [Fact]
    public async Task What_was_refused_is_told_until_an_administrator_deals_with_it()
    {
        using var spool = new TestSpool();
        await spool.TryAppendAsync(A, "12345", measurements: 40);
        await spool.RefuseAllAsync(A);

        var health = await CheckAsync(spool);

        Assert.Equal((HealthStatus.Degraded, "40 were refused by the database and wait for an administrator."), (health.Status, health.Message));
        Assert.Equal((0, 40, 5), (health.Figures["depth"], health.Figures["refused"], health.Figures["bytes"]));
        await spool.DiscardAsync(Assert.Single(await spool.RefusedAsync()).Id);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(spool)).Status);
    }

    [Theory]
    [InlineData(90, false)]
    [InlineData(91, true)]
    public async Task More_than_nine_tenths_full_is_told(int bytes, bool isTold)
    {
        using var spool = new TestSpool(maxBytes: 100);
        await spool.AppendAsync(A, new string('x', bytes));

        Assert.Equal(isTold, (await CheckAsync(spool)).Message!.EndsWith("The spool is 91 % full.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_disk_that_refuses_is_told()
    {
        using var spool = new TestSpool();
        spool.Queue.File.RefuseWrites();
        await spool.TryAppendAsync(A, "1");

        var health = await CheckAsync(spool);

        Assert.Equal((HealthStatus.Degraded, "The disk of the spool fails; the log tells why."), (health.Status, health.Message));
    }

    private static ValueTask<ComponentHealth> CheckAsync(TestSpool spool) =>
        new SpoolHealth(spool.Queue, spool.Time).CheckAsync(TestContext.Current.CancellationToken);
}
