using System.Globalization;
using System.Text;

namespace IotBackend.Api.Formats;

/// <summary>A base number of a SenML pack, converted once for all records that it is added to.</summary>
internal sealed class SenmlNumber
{
    private readonly JsonNumber.Outcome _outcome;
    private readonly double _number;
    private readonly decimal? _exact;

    /// <param name="token">A number that is valid JSON.</param>
    public SenmlNumber(ReadOnlySpan<byte> token)
    {
        _outcome = JsonNumber.TryRead(token, out _number);
        _exact = TryDecimal(token, out var exact) ? exact : null;
    }

    public static bool TryDecimal(ReadOnlySpan<byte> token, out decimal value) =>
        decimal.TryParse(token, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    public JsonNumber.Outcome TryRead(out double number)
    {
        number = _number;
        return _outcome;
    }

    /// <summary>The sum with another number, as decimals where both are, so that nothing is rounded on the way.</summary>
    public JsonNumber.Outcome TryAdd(ReadOnlySpan<byte> token, out double sum)
    {
        if (_exact is { } first && TryDecimal(token, out var second) && Math.Max(Math.Abs(first), Math.Abs(second)) < decimal.MaxValue / 2)
            return JsonNumber.TryRead(Encoding.ASCII.GetBytes((first + second).ToString(CultureInfo.InvariantCulture)), out sum);
        sum = 0;
        if (_outcome != JsonNumber.Outcome.Ok)
            return _outcome;
        var outcome = JsonNumber.TryRead(token, out var number);
        sum = _number + number;
        return outcome;
    }
}
