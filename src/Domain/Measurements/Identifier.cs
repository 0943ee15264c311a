using System.Buffers;
using System.Globalization;
using System.Text;

namespace IotBackend.Domain.Measurements;

/// <summary>
/// The rule for the names of devices, measurements, fields and tag keys: 1–128 code points, Unicode letters with their marks,
/// digits and <c>_ - . : / %</c>, spaces inside; not starting with <c>_</c>, which is reserved. Tag values are freer. All texts are UTF-8.
/// </summary>
public static class Identifier
{
    public const int MaxLength = 128;
    public const int MaxTagValueLength = 256;
    public const int MaxTextLength = 1024;

    private static readonly SearchValues<byte> AsciiAllowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/% "u8);

    private static readonly SearchValues<byte> AsciiPrintable =
        SearchValues.Create(Enumerable.Range(0x20, 0x7F - 0x20).Select(b => (byte)b).ToArray());

    /// <summary>Null when the text is a valid identifier, else what is wrong with it.</summary>
    public static string? Check(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return "is empty";
        if (text[0] == '_')
            return "starts with '_', which is reserved";
        if (text[0] == ' ' || text[^1] == ' ')
            return "starts or ends with a space";
        if (!text.ContainsAnyExcept(AsciiAllowed))
            return text.Length > MaxLength ? TooLong(MaxLength) : null;
        return CheckCodePoints(text, MaxLength, IsAllowed, "letters with their marks, digits, '_ - . : / %' and spaces inside are allowed");
    }

    /// <summary>Null when the text is a valid tag value (1–256 code points, no control characters), else what is wrong with it.</summary>
    public static string? CheckTagValue(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return "is empty";
        if (!text.ContainsAnyExcept(AsciiPrintable))
            return text.Length > MaxTagValueLength ? TooLong(MaxTagValueLength) : null;
        return CheckCodePoints(text, MaxTagValueLength, rune => !Rune.IsControl(rune), "control characters are not allowed");
    }

    /// <summary>The number of code points of a UTF-8 text, or -1 when it is not valid UTF-8.</summary>
    public static int CountCodePoints(ReadOnlySpan<byte> text)
    {
        if (System.Text.Ascii.IsValid(text))
            return text.Length;
        var count = 0;
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(text, out _, out var consumed) != OperationStatus.Done)
                return -1;
            text = text[consumed..];
            count++;
        }

        return count;
    }

    private static string? CheckCodePoints(ReadOnlySpan<byte> text, int maxLength, Func<Rune, bool> allowed, string rule)
    {
        var count = 0;
        for (; !text.IsEmpty; count++)
        {
            if (Rune.DecodeFromUtf8(text, out var rune, out var consumed) != OperationStatus.Done)
                return "is not valid Unicode";
            if (!allowed(rune))
                return $"holds U+{rune.Value:X4}; {rule}";
            text = text[consumed..];
        }

        return count > maxLength ? TooLong(maxLength) : null;
    }

    private static string TooLong(int maxLength) => $"is longer than {maxLength} characters";

    private static bool IsAllowed(Rune rune) => rune.IsAscii
        ? AsciiAllowed.Contains((byte)rune.Value)
        : Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark
            or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or UnicodeCategory.DecimalDigitNumber;
}
