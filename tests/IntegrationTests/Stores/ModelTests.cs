using CsCheck;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class ModelTests(StoreFixture fixture) : StoreTests(fixture)
{
    [Fact]
    public Task Store_answers_as_a_naive_one_whatever_happens_in_whatever_order() => new RandomActions(Fixture).History.SampleAsync(
        async actions =>
        {
            var bucket = new ModelledBucket(await Fixture.NewBucketAsync(), Fixture.JudgesTypesByBucket);
            foreach (var action in actions)
                await action(bucket);
            await bucket.ReadAllAsync();
        },
        iter: Fixture.Histories,
        threads: 1);
}
