using System.Globalization;
using IotBackend.Api.Formats;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Composition;

/// <summary>The arguments of <c>export</c> and <c>import</c>: the file, the command's own options, and settings as for the server.</summary>
internal sealed record TransferArguments
{
    public const string Usage = """
        Usage: IotBackend.Api export FILE|- [--bucket <name>]... [--from <time>] [--to <time>] [--resume] [--patience <seconds>] [--<setting> <value>]...
               IotBackend.Api import FILE|- [--resume] [--patience <seconds>] [--<setting> <value>]...
        """;

    private const string Resume = "--resume";
    private const string Bucket = "--bucket";
    private const string FromTime = "--from";
    private const string ToTime = "--to";
    private const string PatienceSeconds = "--patience";

    public string Path { get; private init; } = string.Empty;

    public IReadOnlyList<BucketName> Buckets { get; private init; } = [];

    public TimeRange Range { get; private init; } = new(Timestamp.MinValue, Timestamp.MaxValue);

    public bool IsContinued { get; private init; }

    public TimeSpan Patience { get; private init; } = TimeSpan.FromMinutes(5);

    /// <summary>What the configuration reads.</summary>
    public string[] Settings { get; private init; } = [];

    /// <summary>Null when the command is misused.</summary>
    /// <exception cref="SettingException">An option has a value that can not be.</exception>
    public static TransferArguments? TryParse(string[] arguments, Timestamp now)
    {
        if (arguments is not [var command, var path, .. var rest] || path.StartsWith("--", StringComparison.Ordinal))
            return null;
        var parsed = new TransferArguments { Path = path };
        var settings = new List<string>();
        for (var i = 0; i < rest.Length; i++)
        {
            var (name, value) = Split(rest[i]);
            if (name == Resume)
                parsed = parsed with { IsContinued = true };
            else if (!IsOwn(name, command))
                settings.Add(rest[i]);
            else if ((value ?? (++i < rest.Length ? rest[i] : null)) is { } given)
                parsed = parsed.With(name, given, now);
            else
                throw new SettingException(name, "the value is missing.");
        }

        return parsed.IsContinued && (parsed.Buckets.Count > 0 || parsed.Range != new TransferArguments().Range)
            ? throw new SettingException(Resume, "the file tells which buckets and times it is of; leave out --bucket, --from and --to.")
            : parsed with { Settings = [.. settings] };
    }

    private static (string Name, string? Value) Split(string argument) =>
        argument.Split('=', 2) is [var name, var value] ? (name, value) : (argument, null);

    private static bool IsOwn(string name, string command) =>
        name == PatienceSeconds || (command == ExportCommand.Name && name is Bucket or FromTime or ToTime);

    private TransferArguments With(string option, string value, Timestamp now) => option switch
    {
        Bucket => this with { Buckets = [.. Buckets, BucketName.TryParse(value, out var wrong) ?? throw new SettingException(option, $"'{value}' {wrong}.")] },
        FromTime => this with { Range = Range with { From = TimeOf(option, value, now) } },
        ToTime => this with { Range = Range with { To = TimeOf(option, value, now) } },
        _ => this with { Patience = SecondsOf(option, value) },
    };

    private static Timestamp TimeOf(string option, string value, Timestamp now) => QueryTime.TryParse(value, now, out var time)
        ? time
        : throw new SettingException(option, $"'{value}' is not a time such as 2026-11-23T20:44:00Z or -24h.");

    private static TimeSpan SecondsOf(string option, string value)
    {
        const int most = 30 * 24 * 3600;
        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= most
            ? TimeSpan.FromSeconds(seconds)
            : throw new SettingException(option, $"'{value}' is not a number of seconds from 0 to {most}.");
    }
}
