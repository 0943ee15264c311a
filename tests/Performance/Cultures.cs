using System.Globalization;

namespace IotBackend.Performance;

internal static class Cultures
{
    public static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
}
