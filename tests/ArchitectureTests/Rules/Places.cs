namespace IotBackend.ArchitectureTests.Rules;

/// <summary>Questions about the place of a type.</summary>
internal static class Places
{
    public static bool IsIn(this string place, params ReadOnlySpan<string> folders)
    {
        foreach (var folder in folders)
        {
            if (place.StartsWith(folder, StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
