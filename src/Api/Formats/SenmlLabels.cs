namespace IotBackend.Api.Formats;

/// <summary>How SenML's labels are written in JSON.</summary>
internal static class SenmlLabels
{
    public static SenmlLabel Find(ReadOnlySpan<byte> text) => text.Length switch
    {
        1 => text[0] switch
        {
            (byte)'n' => SenmlLabel.Name,
            (byte)'u' => SenmlLabel.Unit,
            (byte)'v' => SenmlLabel.Value,
            (byte)'s' => SenmlLabel.Sum,
            (byte)'t' => SenmlLabel.Time,
            _ => SenmlLabel.Unknown,
        },
        2 => FindOfTwo(text[0], text[1]),
        _ => text.SequenceEqual("bver"u8) ? SenmlLabel.BaseVersion : SenmlLabel.Unknown,
    };

    public static string NameOf(this SenmlLabel label) => label switch
    {
        SenmlLabel.BaseName => "bn",
        SenmlLabel.BaseTime => "bt",
        SenmlLabel.BaseUnit => "bu",
        SenmlLabel.BaseValue => "bv",
        SenmlLabel.BaseSum => "bs",
        SenmlLabel.BaseVersion => "bver",
        SenmlLabel.Name => "n",
        SenmlLabel.Unit => "u",
        SenmlLabel.Value => "v",
        SenmlLabel.TextValue => "vs",
        SenmlLabel.BooleanValue => "vb",
        SenmlLabel.DataValue => "vd",
        SenmlLabel.Sum => "s",
        SenmlLabel.Time => "t",
        _ => "ut",
    };

    private static SenmlLabel FindOfTwo(byte first, byte second) => (first, second) switch
    {
        ((byte)'b', (byte)'n') => SenmlLabel.BaseName,
        ((byte)'b', (byte)'t') => SenmlLabel.BaseTime,
        ((byte)'b', (byte)'u') => SenmlLabel.BaseUnit,
        ((byte)'b', (byte)'v') => SenmlLabel.BaseValue,
        ((byte)'b', (byte)'s') => SenmlLabel.BaseSum,
        ((byte)'v', (byte)'s') => SenmlLabel.TextValue,
        ((byte)'v', (byte)'b') => SenmlLabel.BooleanValue,
        ((byte)'v', (byte)'d') => SenmlLabel.DataValue,
        ((byte)'u', (byte)'t') => SenmlLabel.UpdateTime,
        _ => SenmlLabel.Unknown,
    };
}
