using CsCheck;
using IotBackend.Api.Formats;
using IotBackend.Application.ApiKeys;
using Xunit;

namespace IotBackend.UnitTests.Formats;

public sealed class ApiKeyCursorTests
{
    [Fact]
    public void Every_place_comes_back_as_it_was() => Gen.Select(Gen.Long[0, DateTimeOffset.MaxValue.UtcTicks], Gen.String[Gen.Char.AlphaNumeric, 1, 64]).Sample((ticks, id) =>
    {
        var place = new ApiKeyPosition(new DateTimeOffset(ticks, TimeSpan.Zero), id);
        return ApiKeyCursor.TryDecode(ApiKeyCursor.Encode(place)) == place;
    });

    [Fact]
    public void No_text_makes_it_throw_and_what_it_takes_it_gives_again() => Gen.String[0, 200].Sample(text =>
        ApiKeyCursor.TryDecode(text) is not { } place || ApiKeyCursor.TryDecode(ApiKeyCursor.Encode(place)) == place);

    [Fact]
    public void Place_of_longer_ids_or_other_letters_is_none()
    {
        var time = new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);
        Assert.NotNull(ApiKeyCursor.TryDecode(ApiKeyCursor.Encode(new ApiKeyPosition(time, new string('a', 64)))));
        foreach (var id in new[] { new string('a', 65), "", "a'b", "ü" })
            Assert.Null(ApiKeyCursor.TryDecode(ApiKeyCursor.Encode(new ApiKeyPosition(time, id))));
    }
}
