namespace IotBackend.Api.Composition;

/// <summary>What was needed to start is not needed to run: it is given back once, at the one moment that is known to leave much behind (benchmark P13).</summary>
internal static class StartupMemory
{
    public static void GiveBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
