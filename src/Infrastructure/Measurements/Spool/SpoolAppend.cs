namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>What became of a write that was to wait.</summary>
internal enum SpoolAppend
{
    /// <summary>It is on disk.</summary>
    Stored,

    /// <summary>The spool holds as much as it may; nothing of the write was kept.</summary>
    Full,

    /// <summary>The disk refuses; nothing of the write was kept.</summary>
    Failed,
}
