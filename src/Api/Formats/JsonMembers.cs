using System.Text;
using System.Text.Json;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Formats;

/// <summary>
/// The members of a small JSON object, read one by one; every fault is collected. Unknown members and those given twice are faults.
/// Values that are wrong read as if they were not given.
/// </summary>
internal sealed class JsonMembers
{
    private readonly Dictionary<string, JsonElement> _members = new(StringComparer.Ordinal);
    private readonly Action<Fault> _addFault;

    private JsonMembers(Action<Fault> addFault) => _addFault = addFault;

    /// <param name="body">The whole body.</param>
    /// <param name="what">What the object is, for a person: <c>a key</c>.</param>
    /// <param name="known">The names that it may have.</param>
    /// <param name="addFault">Takes the faults of single members.</param>
    /// <param name="members">The members; none when the body is no JSON object.</param>
    /// <returns>Why it is no JSON object; null when it is one.</returns>
    public static Error? Parse(ReadOnlySpan<byte> body, string what, ReadOnlySpan<string> known, Action<Fault> addFault, out JsonMembers members)
    {
        members = new JsonMembers(addFault);
        body = JsonInput.WithoutByteOrderMark(body);
        try
        {
            var reader = new Utf8JsonReader(body, JsonInput.Options);
            using var document = JsonDocument.ParseValue(ref reader);

            // What follows is no JSON either.
            reader.Read();
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return Error.Invalid([new Fault(string.Empty, ErrorCodes.WrongType, $"The body is a JSON object, {what}.")]);
            foreach (var member in document.RootElement.EnumerateObject())
                members.Add(TextOf(() => member.Name) ?? string.Empty, member.Value, what, known);
            return null;
        }
        catch (JsonException exception)
        {
            return JsonInput.Invalid(body, exception);
        }
    }

    public bool Has(string name) => _members.ContainsKey(name);

    public bool IsNull(string name) => _members.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.Null;

    public void AddFault(string name, string code, string message) => _addFault(new Fault(name, code, message));

    /// <summary>A string without control characters but line feeds and tabs where they are allowed; null when not given or wrong.</summary>
    public string? Text(string name, int minLength, int maxLength, bool isMultiline = false)
    {
        if (!_members.TryGetValue(name, out var value))
            return null;
        if (value.ValueKind != JsonValueKind.String)
        {
            AddFault(name, ErrorCodes.WrongType, $"'{name}' is a string.");
            return null;
        }

        var text = TextOf(value.GetString);
        if (text is null || text.Any(letter => char.IsControl(letter) && !(isMultiline && letter is '\n' or '\t' or '\r')))
            AddFault(name, ErrorCodes.InvalidText, $"'{name}' holds control characters, or is not valid Unicode.");
        else if (text.Length < minLength)
            AddFault(name, ErrorCodes.Required, $"'{name}' is empty.");
        else if (text.EnumerateRunes().Count() is var length && length > maxLength)
            AddFault(name, ErrorCodes.TextTooLong, $"'{name}' has {minLength} to {maxLength} characters.");
        else
            return text;
        return null;
    }

    /// <summary>True or false; null when not given or wrong.</summary>
    public bool? Boolean(string name)
    {
        if (!_members.TryGetValue(name, out var value))
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        AddFault(name, ErrorCodes.WrongType, $"'{name}' is true or false.");
        return null;
    }

    /// <summary>A whole number; null when not given, null or wrong.</summary>
    public long? Integer(string name, long min, long max, bool isNullable = false)
    {
        if (!_members.TryGetValue(name, out var value) || (isNullable && value.ValueKind == JsonValueKind.Null))
            return null;
        if (value.ValueKind != JsonValueKind.Number || value.GetRawText().AsSpan().ContainsAny(".eE"))
            AddFault(name, ErrorCodes.WrongType, $"'{name}' is a whole number{(isNullable ? ", or null" : string.Empty)}.");
        else if (!value.TryGetInt64(out var number) || number < min || number > max)
            AddFault(name, ErrorCodes.NumberOutOfRange, $"'{name}' is from {min} to {max}{(isNullable ? ", or null" : string.Empty)}.");
        else
            return number;
        return null;
    }

    /// <summary>A time in RFC 3339 or Unix milliseconds; null when not given, null or wrong.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (!_members.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        var time = default(Timestamp);
        var isTime = value.ValueKind switch
        {
            JsonValueKind.String => TextOf(value.GetString) is { Length: >= 20 and <= 64 } text && Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out time) == Rfc3339.Outcome.Ok,
            JsonValueKind.Number => value.TryGetInt64(out var milliseconds) && Timestamp.TryFromUnixMilliseconds(milliseconds, out time),
            _ => false,
        };
        if (isTime)
        {
            // In whole numbers: a float has not enough digits for a half second far away.
            const long nanosecondsPerMillisecond = 1_000_000;
            var rest = ((time.Nanoseconds % nanosecondsPerMillisecond) + nanosecondsPerMillisecond) % nanosecondsPerMillisecond;
            return DateTimeOffset.UnixEpoch.AddTicks((time.Nanoseconds - rest) / TimeSpan.NanosecondsPerTick);
        }

        AddFault(name, ErrorCodes.InvalidTimestamp, $"'{name}' is a time such as 2027-01-31T00:00:00Z, or null.");
        return null;
    }

    /// <summary>An array of texts, each turned into a value; null when not given.</summary>
    /// <param name="name">The member.</param>
    /// <param name="max">The most values.</param>
    /// <param name="tryRead">Null when the text is none; what it should be then stands in <paramref name="should"/>.</param>
    /// <param name="code">The code of the fault of a text that is none.</param>
    /// <param name="should">What a text should be, such as <c>is a network such as 10.0.0.0/8</c>.</param>
    public IReadOnlyList<T>? List<T>(string name, int max, Func<string, T?> tryRead, string code, string should)
        where T : class
    {
        if (!_members.TryGetValue(name, out var value))
            return null;
        if (value.ValueKind != JsonValueKind.Array)
        {
            AddFault(name, ErrorCodes.WrongType, $"'{name}' is an array of strings.");
            return [];
        }

        if (value.GetArrayLength() > max)
        {
            AddFault(name, ErrorCodes.NumberOutOfRange, $"'{name}' has at most {max} elements.");
            return [];
        }

        var list = new List<T>();
        foreach (var (element, index) in value.EnumerateArray().Select((element, index) => (element, index)))
        {
            if (element.ValueKind != JsonValueKind.String)
                AddFault($"{name}[{index}]", ErrorCodes.WrongType, $"'{name}' is an array of strings.");
            else if (TextOf(element.GetString) is not { } text || tryRead(text) is not { } item)
                AddFault($"{name}[{index}]", code, $"An element of '{name}' {should}.");
            else if (!list.Contains(item))
                list.Add(item);
        }

        return list;
    }

    private void Add(string name, JsonElement value, string what, ReadOnlySpan<string> known)
    {
        if (!known.Contains(name))
        {
            var path = MeasurementBatchWriter.Path(string.Empty, Encoding.UTF8.GetBytes(name))[1..];
            AddFault(path, ErrorCodes.UnknownMember, $"'{path}' is no member of {what} that can be set: they are {string.Join(", ", known.ToArray())}.");
        }
        else if (!_members.TryAdd(name, value.Clone()))
        {
            AddFault(name, ErrorCodes.DuplicateMember, $"'{name}' is given twice.");
        }
    }

    // A lone surrogate, or bytes that are no UTF-8.
    private static string? TextOf(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
