using System.CommandLine;
using System.CommandLine.Parsing;
using IotBackend.Simulator.Sending;

namespace IotBackend.Simulator.Commands;

/// <summary>The options of every command: which server, with which key, and how patiently.</summary>
internal sealed class ServerOptions
{
    private const string KeyVariable = "IOT_API_KEY";

    private readonly Option<Uri> _url = new("--url")
    {
        Description = "The server.",
        CustomParser = ParseUrl,
        DefaultValueFactory = _ => new Uri("http://127.0.0.1:5080/"),
    };

    private readonly Option<string?> _key = new("--key") { Description = $"The API key; better {KeyVariable} or --key-file, which no process list shows." };
    private readonly Option<FileInfo?> _keyFile = new("--key-file") { Description = "A file that holds the API key, such as data/admin.key." };
    private readonly Option<string?> _bucket = new("--bucket") { Description = "The bucket; by default the key's." };

    private readonly Option<int> _concurrency = new Option<int>("--concurrency")
    {
        Description = "Requests under way at once.",
        DefaultValueFactory = _ => 4,
    }.AtLeast(1);

    private readonly Option<TimeSpan> _giveUpAfter = new("--give-up-after")
    {
        Description = "How long to retry a batch, such as 90s, 5m, 1h.",
        CustomParser = DurationOption.Parse,
        DefaultValueFactory = _ => new RetryOptions().GiveUpAfter,
    };

    public void AddTo(Command command)
    {
        command.Add(_url);
        command.Add(_key);
        command.Add(_keyFile);
        command.Add(_bucket);
        command.Add(_concurrency);
        command.Add(_giveUpAfter);
        command.Validators.Add(result =>
        {
            if (KeyOf(result) is null)
                result.AddError($"No API key: give --key, --key-file or the environment variable {KeyVariable}.");
        });
    }

    public SendTarget Target(ParseResult arguments, bool single) =>
        new(arguments.GetRequiredValue(_url), KeyOf(arguments.CommandResult)!, arguments.GetValue(_bucket), single);

    public int Concurrency(ParseResult arguments) => arguments.GetValue(_concurrency);

    public RetryOptions Retries(ParseResult arguments) => new() { GiveUpAfter = arguments.GetValue(_giveUpAfter) };

    private string? KeyOf(SymbolResult arguments)
    {
        var key = arguments.GetValue(_key);
        if (string.IsNullOrWhiteSpace(key) && arguments.GetValue(_keyFile) is { Exists: true } file)
            key = File.ReadAllText(file.FullName);
        if (string.IsNullOrWhiteSpace(key))
            key = Environment.GetEnvironmentVariable(KeyVariable);
        return string.IsNullOrWhiteSpace(key) ? null : key.Trim();
    }

    private static Uri? ParseUrl(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        if (Uri.TryCreate(text.TrimEnd('/') + '/', UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            return url;
        argument.AddError($"'{text}' is no http or https address.");
        return null;
    }
}
