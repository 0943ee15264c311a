using System.Text;
using IotBackend.Api.Formats;
using IotBackend.Api.Measurements;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using NSubstitute;
using Xunit;

namespace IotBackend.UnitTests.Api.Measurements;

/// <summary>What the endpoints of the spool send on, and how they answer.</summary>
public sealed class SpoolControllerTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 23, 21, 44, 0, 125, TimeSpan.FromHours(1));

    private readonly IMediator _mediator = Substitute.For<IMediator>();
    private readonly DefaultHttpContext _http = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_status_is_written_in_full()
    {
        Answer<ReadSpool, SpoolStatus>(new SpoolStatus(2, 6, 9, 100, At, 1, 7));
        Assert.Equal(
            (200, """{"entries":2,"measurements":6,"bytes":9,"capacityBytes":100,"oldestAt":"2026-11-23T20:44:00.125Z","refusedEntries":1,"refusedMeasurements":7}"""),
            await SendAsync(controller => controller.ReadSpool(Cancel)));
        Assert.Equal("no-store", _http.Response.Headers.CacheControl);

        Answer<ReadSpool, SpoolStatus>(new SpoolStatus(0, 0, 0, 100, null, 0, 0));
        Assert.Contains("\"oldestAt\":null", (await SendAsync(controller => controller.ReadSpool(Cancel))).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_tells_where_the_next_one_begins()
    {
        var refused = new RefusedMeasurements(41, BucketName.Default, At, "field_type_conflict", "It is a \"number\".", 3, "climate,device=ü t=1");
        const string item = """{"id":41,"bucket":"default","refusedAt":"2026-11-23T20:44:00.125Z","code":"field_type_conflict","reason":"It is a \"number\".","measurements":3,"sample":"climate,device=ü t=1"}""";

        Answer<ListRefusedMeasurements, RefusedPage>(new RefusedPage([refused], true));
        Assert.Equal(
            (200, $$"""{"items":[{{item}}],"hasMore":true,"nextCursor":"{{new IdCursor(41).Encode()}}"}"""),
            await SendAsync(controller => controller.ListRefused(Cancel)));

        Answer<ListRefusedMeasurements, RefusedPage>(new RefusedPage([refused], false));
        Assert.Equal((200, $$"""{"items":[{{item}}],"hasMore":false}"""), await SendAsync(controller => controller.ListRefused(Cancel)));
    }

    [Fact]
    public async Task What_is_replayed_is_queued_and_what_is_discarded_is_gone()
    {
        Answer<ReplayRefusedMeasurements, long>(12);
        Answer<DiscardRefusedMeasurements, long>(3);

        Assert.Equal((202, """{"status":"queued","measurements":12}"""), await SendAsync(controller => controller.ReplayRefused(5, Cancel)));
        Assert.Equal((202, """{"status":"queued","measurements":12}"""), await SendAsync(controller => controller.ReplayAllRefused(Cancel)));
        Assert.Equal((200, """{"status":"discarded","measurements":3}"""), await SendAsync(controller => controller.DiscardRefused(6, Cancel)));

        await _mediator.Received(1).Send(new ReplayRefusedMeasurements(5), Cancel);
        await _mediator.Received(1).Send(new ReplayRefusedMeasurements(null), Cancel);
        await _mediator.Received(1).Send(new DiscardRefusedMeasurements(6), Cancel);
    }

    [Theory]
    [InlineData("", 100, null)]
    [InlineData("?limit=1", 1, null)]
    [InlineData("?limit=1000&cursor=AAAAAAAAACk", 1000, 41L)]
    public void A_page_is_asked_for_by_its_parameters(string query, int limit, long? after) =>
        Assert.Equal(new ListRefusedMeasurements(limit, after), Requests(query).List());

    [Theory]
    [InlineData("?limit=0", "limit", ErrorCodes.InvalidParameter)]
    [InlineData("?limit=1001", "limit", ErrorCodes.InvalidParameter)]
    [InlineData("?limit=1&limit=2", "limit", ErrorCodes.InvalidParameter)]
    [InlineData("?cursor=", "cursor", ErrorCodes.InvalidCursor)]
    [InlineData("?cursor=41", "cursor", ErrorCodes.InvalidCursor)]
    [InlineData("?cursor=_________98", "cursor", ErrorCodes.InvalidCursor)]
    [InlineData("?bucket=a", "bucket", ErrorCodes.InvalidParameter)]
    public void A_wrong_parameter_is_named(string query, string parameter, string code)
    {
        var error = Requests(query).List().ParseError;

        Assert.Equal(code, error?.Code);
        Assert.Equal((parameter, code), (Assert.Single(error!.Faults).Field, error.Faults[0].Code));
    }

    [Fact]
    public void The_others_take_no_parameters()
    {
        Assert.All(
            new[] { Requests("?limit=1").Read().ParseError, Requests("?limit=1").Replay(1).ParseError, Requests("?limit=1").Discard(1).ParseError },
            error => Assert.Equal(ErrorCodes.InvalidParameter, error?.Code));
        Assert.All(
            new[] { Requests("").Read().ParseError, Requests("").Replay(null).ParseError, Requests("").Discard(1).ParseError },
            Assert.Null);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(long.MaxValue)]
    public void A_cursor_comes_back_as_it_was(long id) => Assert.Equal(id, IdCursor.TryDecode(new IdCursor(id).Encode())?.Id);

    private static SpoolRequests Requests(string query) => new(new DefaultHttpContext { Request = { QueryString = new QueryString(query) } }.Request);

    private void Answer<TRequest, T>(T answer)
        where TRequest : IRequest<Result<T>> =>
        _mediator.Send(Arg.Any<TRequest>(), Arg.Any<CancellationToken>()).Returns(Result<T>.Success(answer));

    private async Task<(int Status, string Body)> SendAsync(Func<SpoolController, Task<IActionResult>> action)
    {
        using var body = new MemoryStream();
        _http.Response.Body = body;
        _http.Response.StatusCode = StatusCodes.Status200OK;
        await action(new SpoolController(_mediator) { ControllerContext = new ControllerContext { HttpContext = _http } });
        return (_http.Response.StatusCode, Encoding.UTF8.GetString(body.ToArray()));
    }
}
