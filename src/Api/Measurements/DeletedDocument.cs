using System.ComponentModel;

namespace IotBackend.Api.Measurements;

/// <summary>The answer to a deletion.</summary>
public sealed record DeletedDocument([property: Description("deleted, or dryRun when nothing was.")] string Status)
{
    [Description("Measurements that lost at least one value; absent for a dry run.")]
    public long Deleted { get; init; }

    [Description("Measurements that would lose at least one value; only for a dry run.")]
    public long Matched { get; init; }
}
