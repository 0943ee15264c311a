using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>A field's name and type, shared by all series of a bucket that have the same measurement name and field.</summary>
internal sealed record FieldDefinition(string Name, byte[] Utf8, FieldType Type);

/// <summary>One field of one <see cref="Origin"/>, with its recent points. <see cref="Memtable.Gate"/> guards all that changes.</summary>
internal sealed class Series(int id, Origin origin, FieldDefinition definition, bool mayHaveChunks)
{
    public int Id => id;

    public Origin Origin => origin;

    public FieldDefinition Field => definition;

    /// <summary>Points since the last flush began.</summary>
    public SeriesBuffer? Active { get; set; }

    /// <summary>Points that a flush is writing.</summary>
    public SeriesBuffer? Frozen { get; set; }

    /// <summary>False until something of the series was flushed, so that a fresh series is read without asking the disk.</summary>
    public bool MayHaveChunks { get; set; } = mayHaveChunks;

    /// <summary>The newest point, when <see cref="IsLatestKnown"/>; its time is null when there is none.</summary>
    public LatestPoint? Latest { get; set; }

    public bool IsLatestKnown { get; set; } = !mayHaveChunks;

    /// <summary>
    /// Not later than the last point of the series' oldest chunk; the greatest time when there is none. So one need not look on disk to know
    /// that nothing is older than that. For whoever holds <see cref="ChunkFile"/>'s turn.
    /// </summary>
    public long OldestChunkEnd { get; set; } = mayHaveChunks ? long.MinValue : long.MaxValue;

    /// <summary>Changes with each write and deletion, so that what was read outside of the gate is not taken for the newest.</summary>
    public int Revision { get; set; }

    public FieldValue ToValue(long bits, string? text) =>
        definition.Type == FieldType.Text ? FieldValue.Of(text!) : FieldValue.FromBits(definition.Type, bits);
}

/// <summary>A time, the bits of its value, and its text if it is one.</summary>
internal readonly record struct LatestPoint(long Time, long Bits, string? Text);
