using IotBackend.Application.Access;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.Measurements;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using NSubstitute;
using Xunit;

namespace IotBackend.UnitTests.Measurements;

public sealed class SpoolUseCaseTests
{
    private static readonly SpoolStatus Status = new(2, 6, 9, 100, null, 1, 7);

    private readonly ISpool _spool = Substitute.For<ISpool>();
    private readonly ICallerContext _context = Substitute.For<ICallerContext>();

    public SpoolUseCaseTests() => CallerMayUse();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_status_is_that_of_the_spool()
    {
        _spool.Status.Returns(Status);

        Assert.Same(Status, (await new ReadSpoolHandler(_spool).Handle(new ReadSpool(), Cancel)).Value);
    }

    [Fact]
    public async Task What_is_asked_for_is_passed_on_with_the_buckets_of_the_caller()
    {
        var bucket = BucketName.TryParse("greenhouses", out _)!;
        CallerMayUse(bucket);
        var page = new RefusedPage([], false);
        _spool.ListRefusedAsync(Only(bucket), 10, 5, Cancel).Returns(page);
        _spool.ReplayAsync(Only(bucket), 5, Cancel).Returns(3L);
        _spool.ReplayAsync(Only(bucket), null, Cancel).Returns(4L);
        _spool.DiscardAsync(Only(bucket), 5, Cancel).Returns(2L);

        Assert.Same(page, (await new ListRefusedMeasurementsHandler(_context, _spool).Handle(new(10, 5), Cancel)).Value);
        Assert.Equal(3, (await new ReplayRefusedMeasurementsHandler(_context, new AuditTrail(), _spool).Handle(new(5), Cancel)).Value);
        Assert.Equal(4, (await new ReplayRefusedMeasurementsHandler(_context, new AuditTrail(), _spool).Handle(new(null), Cancel)).Value);
        Assert.Equal(2, (await new DiscardRefusedMeasurementsHandler(_context, new AuditTrail(), _spool).Handle(new(5), Cancel)).Value);
    }

    [Fact]
    public async Task A_refusal_of_the_spool_is_passed_on()
    {
        var error = new Error(ErrorKind.NotFound, ErrorCodes.NotFound, "No.");
        _spool.ReplayAsync(Arg.Any<IReadOnlyCollection<BucketName>>(), 5, Cancel).Returns(error);

        Assert.Same(error, (await new ReplayRefusedMeasurementsHandler(_context, new AuditTrail(), _spool).Handle(new(5), Cancel)).Error);
    }

    [Fact]
    public async Task Without_a_spool_all_say_so()
    {
        Error?[] errors =
        [
            (await new ReadSpoolHandler().Handle(new ReadSpool(), Cancel)).Error,
            (await new ListRefusedMeasurementsHandler(_context).Handle(new(10, null), Cancel)).Error,
            (await new ReplayRefusedMeasurementsHandler(_context, new AuditTrail()).Handle(new(1), Cancel)).Error,
            (await new DiscardRefusedMeasurementsHandler(_context, new AuditTrail()).Handle(new(1), Cancel)).Error,
        ];

        Assert.All(errors, error => Assert.Equal((ErrorKind.NotFound, ErrorCodes.NotFound), (error!.Kind, error.Code)));
        Assert.All(errors, error => Assert.Contains("no spool", error!.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(1_000, true)]
    [InlineData(1_001, false)]
    public void A_page_has_one_to_a_thousand_entries(int limit, bool isValid)
    {
        var result = new ListRefusedMeasurementsValidator().Validate(new ListRefusedMeasurements(limit, null));

        Assert.Equal(isValid, result.IsValid);
        Assert.All(result.Errors, error => Assert.Equal(("limit", ErrorCodes.InvalidParameter), (error.PropertyName, error.ErrorCode)));
    }

    [Fact]
    public void All_of_it_is_for_administrators() => Assert.All(
        new IRequiresAccess[] { new ReadSpool(), new ListRefusedMeasurements(1, null), new ReplayRefusedMeasurements(null), new DiscardRefusedMeasurements(1) },
        request => Assert.Equal(Scopes.Admin, request.RequiredScope));

    [Fact]
    public void What_was_refused_is_not_for_keys_of_some_devices()
    {
        var some = new Caller("id", "name", Scopes.Admin, "unlimited", [], new DeviceSet([DevicePattern.Parse("d-*")]), []);

        Assert.All(
            new IRequiresAccess[] { new ListRefusedMeasurements(1, null), new ReplayRefusedMeasurements(null), new DiscardRefusedMeasurements(1) },
            request =>
            {
                Assert.Equal(ErrorCodes.DeviceNotAllowed, request.AuthorizeObjects(some)?.Code);
                Assert.Null(request.AuthorizeObjects(some with { Devices = DeviceSet.All }));
            });
        Assert.Null(new ReadSpool().AuthorizeObjects(some));
    }

    private static IReadOnlyCollection<BucketName> Only(BucketName bucket) => Arg.Is<IReadOnlyCollection<BucketName>>(buckets => buckets.Single() == bucket);

    private void CallerMayUse(params BucketName[] buckets) =>
        _context.Caller.Returns(new Caller("id", "name", Scopes.Admin, "unlimited", buckets, DeviceSet.All, []));
}
