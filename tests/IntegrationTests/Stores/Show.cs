using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>Compares what stores give by its text, to the bit, so that a difference can be read.</summary>
internal static class Show
{
    /// <param name="expected">In the order in which they must come; the order of their fields is that of their names, whatever it is here.</param>
    /// <param name="actual">What came.</param>
    public static void Equal(IEnumerable<Measurement> expected, IEnumerable<Measurement> actual) =>
        Assert.Equal(expected.Select(item => Sorted(item).Show()), actual.Select(item => item.Show()));

    public static void Equal(IEnumerable<LatestValues> expected, IEnumerable<LatestValues> actual) =>
        Assert.Equal(expected.Select(item => item.Show()), actual.Select(item => item.Show()));

    /// <summary>The value of a result that is no failure.</summary>
    public static T MustSucceed<T>(this Result<T> result)
    {
        Assert.True(result.IsSuccess, result.Error?.ToString());
        return result.Value;
    }

    /// <summary>Fails unless the result is a failure of that code.</summary>
    public static void MustFail<T>(this Result<T> result, string code)
    {
        Assert.False(result.IsSuccess, $"Expected {code}, got {(result.IsSuccess ? result.Value : null)}.");
        Assert.Equal(code, result.Error.Code);
    }

    private static Measurement Sorted(Measurement item) => item with { Fields = [.. item.Fields.OrderBy(field => field.Name, Utf8Order.Instance)] };
}
