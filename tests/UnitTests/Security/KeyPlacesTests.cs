using IotBackend.Api.Security;
using Xunit;

namespace IotBackend.UnitTests.Security;

public sealed class KeyPlacesTests
{
    [Fact]
    public void Key_gets_as_many_places_as_it_may_and_one_that_is_given_back()
    {
        var places = new KeyPlaces(10, 2);
        using var first = places.TryTake("a", out _);
        var second = places.TryTake("a", out _);
        Assert.Null(places.TryTake("a", out var isKeys));
        Assert.True(isKeys);

        second!.Dispose();
        second.Dispose();
        Assert.NotNull(places.TryTake("a", out _));
        Assert.Null(places.TryTake("a", out _));
    }

    [Fact]
    public void All_keys_together_get_as_many_places_as_there_are()
    {
        var places = new KeyPlaces(2, 2);
        Assert.NotNull(places.TryTake("a", out _));
        using var second = places.TryTake("b", out _);
        Assert.Null(places.TryTake("c", out var isKeys));
        Assert.False(isKeys);
        Assert.Equal(2, places.Taken);

        second!.Dispose();
        Assert.Equal(1, places.Taken);
        Assert.NotNull(places.TryTake("c", out _));
    }
}
