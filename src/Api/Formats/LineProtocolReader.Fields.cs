using System.Buffers.Text;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Formats;

/// <summary>The fields of a line, its time, and where it ends.</summary>
internal ref partial struct LineProtocolReader
{
    private const string NotClosed = "A text begins with a quote that nothing closes.";

    private string? ReadFields()
    {
        SkipSpaces();
        while (true)
        {
            var key = Take();
            if (key.Length == 0 || Next != '=')
                return "A field is a key, '=' and a value.";
            _at++;
            if (ReadValue(TextOf(key, ref _key)) is { } wrong)
                return wrong;
            if (Next != ',')
                return null;
            _at++;
        }
    }

    private string? ReadValue(ReadOnlySpan<byte> key)
    {
        if (Next == '"')
            return ReadText(key);
        var token = TakeWord();
        if (token.IsEmpty)
            return "A field has no value.";
        switch (LineNumber.TryRead(token, out var number))
        {
            case LineNumber.Outcome.Ok:
                _writer.AddNumber(key, number);
                break;
            case LineNumber.Outcome.OutOfRange:
                AddFieldFault(key, ErrorCodes.NumberOutOfRange, "The number is larger than a 64-bit float can hold.");
                break;
            case LineNumber.Outcome.IntegerOutOfRange:
                AddFieldFault(key, ErrorCodes.IntegerOutOfRange, "The integer can not be held by a 64-bit float without rounding.");
                break;
            case var _ when TryReadBoolean(token, out var boolean):
                _writer.AddBoolean(key, boolean);
                break;
            default:
                AddFieldFault(key, ErrorCodes.WrongType, "A field is a number, an integer with 'i' or 'u' behind it, a boolean or a text in quotes.");
                break;
        }

        return null;
    }

    private readonly void AddFieldFault(ReadOnlySpan<byte> key, string code, string message) =>
        _writer.AddFault(MeasurementBatchWriter.Path("fields", key), code, message);

    private static bool TryReadBoolean(ReadOnlySpan<byte> token, out bool value)
    {
        value = token is [(byte)'t' or (byte)'T'] || token.SequenceEqual("true"u8) || token.SequenceEqual("True"u8) || token.SequenceEqual("TRUE"u8);
        return value || token is [(byte)'f' or (byte)'F']
            || token.SequenceEqual("false"u8) || token.SequenceEqual("False"u8) || token.SequenceEqual("FALSE"u8);
    }

    private string? ReadText(ReadOnlySpan<byte> key)
    {
        var start = _at + 1;
        var length = LengthOfText(_body[start..], out var isEscaped);
        if (length < 0)
            return NotClosed;
        var raw = _body.Slice(start, length);
        _writer.AddText(key, isEscaped ? Unescape(raw, "\"\\"u8, ref _value) : raw);
        _at = start + length + 1;
        return Next is (byte)',' or (byte)' ' or (byte)'\r' or (byte)'\n' ? null : "Behind a text in quotes comes neither ',' nor ' ' nor the line's end.";
    }

    // Up to the quote that no backslash stands before, across lines; negative when there is none.
    private static int LengthOfText(ReadOnlySpan<byte> text, out bool isEscaped)
    {
        isEscaped = false;
        for (var at = 0; at < text.Length;)
        {
            var found = text[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (found < 0)
                break;
            at += found;
            if (text[at] == '"')
                return at;
            isEscaped = true;
            at += at + 1 < text.Length && text[at + 1] is (byte)'"' or (byte)'\\' ? 2 : 1;
        }

        return -1;
    }

    // A number, a boolean or a time: up to a separator or the line's end, which may be two bytes.
    private ReadOnlySpan<byte> TakeWord()
    {
        var rest = _body[_at..];
        var length = rest.IndexOfAny((byte)',', (byte)' ', (byte)'\n');
        var word = length < 0 ? rest : rest[..length];
        _at += word.Length;
        return Next == '\n' && word.EndsWith("\r"u8) ? word[..^1] : word;
    }

    private string? ReadTime()
    {
        SkipSpaces();
        var word = TakeWord();
        if (!word.IsEmpty && ReadTime(word) is { } wrong)
            return wrong;
        SkipSpaces();
        if (Next == '\r')
            _at++;
        if (Next != '\n')
            return "Behind the time comes something more.";
        _at = Math.Min(_at + 1, _body.Length);
        return null;
    }

    private readonly string? ReadTime(ReadOnlySpan<byte> word)
    {
        var digits = word[0] == '-' ? word[1..] : word;
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return "The time is no whole number.";
        if (Utf8Parser.TryParse(word, out long count, out _) && TryScale(count, out var time))
            _writer.SetTimestamp(time);
        else
            _writer.AddFault("timestamp", ErrorCodes.TimestampOutOfRange, "The time lies outside of 1677-09-21 to 2262-04-11; is the precision right?");
        return null;
    }

    private readonly bool TryScale(long count, out Timestamp time)
    {
        var nanoseconds = (Int128)count * _unit.ToNanoseconds();
        var fits = nanoseconds >= long.MinValue && nanoseconds < long.MaxValue;
        time = fits ? new Timestamp((long)nanoseconds) : default;
        return fits;
    }

    private void SkipSpaces()
    {
        while (_at < _body.Length && _body[_at] == ' ')
            _at++;
    }

    // Where the line after a broken one begins: its texts in quotes may hold line breaks, and are not read as lines of their own. A quote that
    // nothing closes ends with its line, so that it takes no other with it.
    private readonly int EndOfLine(int start)
    {
        var at = start;
        var isInFields = false;
        while (at < _body.Length && _body[at] != '\n')
        {
            switch (_body[at])
            {
                case (byte)'\\' when at + 1 < _body.Length && _body[at + 1] != '\n':
                    at++;
                    break;
                case (byte)' ':
                    isInFields = true;
                    break;
                case (byte)'"' when isInFields && _body[at - 1] == '=' && LengthOfText(_body[(at + 1)..], out _) is >= 0 and var length:
                    at += length + 1;
                    break;
            }

            at++;
        }

        return Math.Min(at + 1, _body.Length);
    }
}
