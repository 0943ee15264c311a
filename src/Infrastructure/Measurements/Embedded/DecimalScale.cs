namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Finds the smallest decimal exponent with which numbers are whole: 21.4 and 3.25 are 2140 and 325 hundredths. A number counts
/// only if its whole divided by the power of ten gives back the very same bits. The few that never do (-0.0, a computed value
/// among rounded ones) are left to the caller as exceptions.
/// </summary>
internal static class DecimalScale
{
    public const int MaxExponent = 17;

    // Up to 2^53 a double holds every integer, so whole and power are exact and their quotient is rounded once.
    private const double LargestWhole = 9_007_199_254_740_992;

    private static readonly double[] PowersOfTen =
        [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17];

    /// <summary>Fills <paramref name="wholes"/>; an exception repeats the whole before it and is listed by its position.</summary>
    /// <returns>The exponent; -1 when more numbers are exceptions than there is room for.</returns>
    public static int Find(ReadOnlySpan<long> bits, Span<long> wholes, Span<int> exceptions, out int exceptionCount)
    {
        exceptionCount = 0;
        var exponent = 0;
        double largest = 0;
        for (var i = 0; i < bits.Length; i++)
        {
            var fitting = Scale(bits[i], exponent, out var whole);
            if (fitting > exponent && !TryRescale(wholes[..i], ref largest, fitting - exponent))
                fitting = -1;
            if (fitting >= 0)
            {
                exponent = fitting;
                largest = Math.Max(largest, Math.Abs((double)whole));
                wholes[i] = whole;
            }
            else if (exceptionCount < exceptions.Length)
            {
                exceptions[exceptionCount++] = i;
                wholes[i] = i == 0 ? 0 : wholes[i - 1];
            }
            else
            {
                return -1;
            }
        }

        return exponent;
    }

    /// <summary>Turns wholes into the bits of the numbers they stand for, in place.</summary>
    public static void Restore(Span<long> wholes, int exponent)
    {
        var power = PowersOfTen[exponent];
        for (var i = 0; i < wholes.Length; i++)
            wholes[i] = BitConverter.DoubleToInt64Bits(wholes[i] / power);
    }

    // Starts with what fitted the number before: neighbours nearly always have as many decimals.
    private static int Scale(long bits, int exponent, out long whole)
    {
        var number = BitConverter.Int64BitsToDouble(bits);
        for (; exponent <= MaxExponent; exponent++)
        {
            var power = PowersOfTen[exponent];
            var rounded = Math.Round(number * power);
            if (!(Math.Abs(rounded) < LargestWhole))
                break;
            whole = (long)rounded;
            if (BitConverter.DoubleToInt64Bits(whole / power) == bits)
                return exponent;
        }

        whole = 0;
        return -1;
    }

    private static bool TryRescale(Span<long> wholes, ref double largest, int by)
    {
        var power = PowersOfTen[by];
        if (!(largest * power < LargestWhole))
            return false;
        largest *= power;
        var factor = (long)power;
        foreach (ref var whole in wholes)
            whole *= factor;
        return true;
    }
}
