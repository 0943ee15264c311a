using IotBackend.Api.Composition;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.Access.Blocks;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Buckets;
using IotBackend.Application.Caching;
using IotBackend.Application.Devices;
using IotBackend.Application.Measurements;
using IotBackend.Application.Pipeline;
using IotBackend.Application.SystemStatus;
using IotBackend.IntegrationTests.Hosting;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IotBackend.IntegrationTests.Pipeline;

/// <summary>Asserts from the real container what each request type goes through, so that no constraint drops a behaviour silently.</summary>
public sealed class PipelineTests
{
    private static readonly Dictionary<Type, string[]> Expected = new()
    {
        [typeof(StoreMeasurements)] = ["Tracing", "RateLimit", "Authorization", "Validation"],
        [typeof(StoreMeasurementsOnce)] = ["Tracing", "RateLimit", "Authorization", "Validation"],
        [typeof(ReadMeasurements)] = ["Tracing", "RateLimit", "Authorization", "Validation", "AnswerCaching"],
        [typeof(AggregateMeasurements)] = ["Tracing", "RateLimit", "Authorization", "Validation", "AnswerCaching"],
        [typeof(StreamMeasurements)] = ["Tracing", "RateLimit", "Authorization", "Validation"],
        [typeof(ReadLatest)] = ["Tracing", "RateLimit", "Authorization", "Validation", "AnswerCaching"],
        [typeof(WatchMeasurements)] = ["Tracing", "RateLimit", "Authorization", "Validation"],
        [typeof(DeleteMeasurements)] = ["Tracing", "RateLimit", "Authorization", "Validation", "Audit"],
        [typeof(PreviewDeletion)] = ["Tracing", "RateLimit", "Authorization", "Validation"],
        [typeof(ListDevices)] = ["Tracing", "RateLimit", "Authorization", "Validation", "AnswerCaching"],
        [typeof(ReadDevice)] = ["Tracing", "RateLimit", "Authorization", "Validation", "AnswerCaching"],
        [typeof(PurgeCache)] = ["Tracing", "RateLimit", "Authorization", "Validation", "Audit"],
        [typeof(WarmCache)] = ["Tracing", "RateLimit", "Authorization", "Validation"],
        [typeof(ListBuckets)] = ["Tracing", "RateLimit", "Authorization", "Validation"],
        [typeof(ReadBucket)] = ["Tracing", "RateLimit", "Authorization", "Validation"],
        [typeof(SaveBucket)] = ["Tracing", "RateLimit", "Authorization", "Validation", "Audit"],
        [typeof(DeleteBucket)] = ["Tracing", "RateLimit", "Authorization", "Validation", "Audit"],
        [typeof(ReadSpool)] = ["Tracing", "RateLimit", "Authorization", "Validation"],
        [typeof(ListRefusedMeasurements)] = ["Tracing", "RateLimit", "Authorization", "Validation"],
        [typeof(ReplayRefusedMeasurements)] = ["Tracing", "RateLimit", "Authorization", "Validation", "Audit"],
        [typeof(DiscardRefusedMeasurements)] = ["Tracing", "RateLimit", "Authorization", "Validation", "Audit"],
        [typeof(ListApiKeys)] = ["Tracing", "RateLimit", "Authorization", "Validation"],
        [typeof(ReadApiKey)] = ["Tracing", "RateLimit", "Authorization", "Validation"],
        [typeof(CreateApiKey)] = ["Tracing", "RateLimit", "Authorization", "Validation", "Audit"],
        [typeof(ChangeApiKey)] = ["Tracing", "RateLimit", "Authorization", "Validation", "Audit"],
        [typeof(RotateApiKey)] = ["Tracing", "RateLimit", "Authorization", "Validation", "Audit"],
        [typeof(RevokeApiKey)] = ["Tracing", "RateLimit", "Authorization", "Validation", "Audit"],
        [typeof(ReadApiKeyUsage)] = ["Tracing", "RateLimit", "Authorization", "Validation"],
        [typeof(ListTiers)] = ["Tracing", "RateLimit", "Authorization", "Validation"],
        [typeof(ReadTier)] = ["Tracing", "RateLimit", "Authorization", "Validation"],
        [typeof(SaveTier)] = ["Tracing", "RateLimit", "Authorization", "Validation", "Audit"],
        [typeof(DeleteTier)] = ["Tracing", "RateLimit", "Authorization", "Validation", "Audit"],
        [typeof(ListAuditEntries)] = ["Tracing", "RateLimit", "Authorization", "Validation"],
        [typeof(ListBlocks)] = ["Tracing", "RateLimit", "Authorization", "Validation"],
        [typeof(CreateBlock)] = ["Tracing", "RateLimit", "Authorization", "Validation", "Audit"],
        [typeof(LiftBlock)] = ["Tracing", "RateLimit", "Authorization", "Validation", "Audit"],
        [typeof(GetHealth)] = ["Tracing", "Caching"],
        [typeof(GetVersion)] = ["Tracing"],
        [typeof(GetTime)] = ["Tracing"],
    };

    public static TheoryData<Type> RequestTypes => [.. AllRequestTypes()];

    [Theory]
    [MemberData(nameof(RequestTypes))]
    public async Task Each_request_type_goes_through_exactly_its_behaviours_in_order(Type request)
    {
        using var folder = new TemporaryFolder();
        await using var app = IotBackendApp.Build([$"--Data:Path={folder.Combine("data")}"]);
        await using var scope = app.Services.CreateAsyncScope();
        var behavior = typeof(IPipelineBehavior<,>).MakeGenericType(request, ResponseOf(request));

        var names = scope.ServiceProvider.GetServices(behavior).Select(found => found!.GetType().Name.Replace("Behavior`2", "", StringComparison.Ordinal));

        Assert.Equal(Expected[request], names);
    }

    [Fact]
    public void No_request_type_is_missing_from_the_table() => Assert.Equal(AllRequestTypes().ToHashSet(), [.. Expected.Keys]);

    [Fact]
    public void Every_request_that_needs_a_key_is_counted_and_parsed_requests_are_authorized() => Assert.All(AllRequestTypes(), request =>
    {
        var needsKey = request.IsAssignableTo(typeof(IRequiresAccess));
        Assert.Equal(needsKey, request.IsAssignableTo(typeof(IRateLimited)));
        Assert.True(needsKey || !request.IsAssignableTo(typeof(IParsedRequest)));
    });

    private static IEnumerable<Type> AllRequestTypes() => typeof(StoreMeasurements).Assembly.GetTypes()
        .Where(type => type is { IsInterface: false, IsAbstract: false } && type.IsAssignableTo(typeof(IBaseRequest)));

    private static Type ResponseOf(Type request) => request.GetInterfaces()
        .Single(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IRequest<>)).GetGenericArguments()[0];
}
