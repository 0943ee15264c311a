using System.Globalization;
using IotBackend.Application.SystemStatus;

namespace IotBackend.Api.Composition;

/// <summary>What a person sees when the program has started: where it listens, where data lies, the key, and a first request to paste.</summary>
internal static class StartupBanner
{
    public static void Print(TextWriter output, BuildInformation build, IEnumerable<string> addresses, string places, bool hasReference, AdminKeyNotice key)
    {
        var all = addresses.ToList();
        var first = (all.Count > 0 ? all[0] : "http://127.0.0.1:5080").Replace("//[::]", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal).TrimEnd('/');
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"IotBackend {build.Version.ToString(3)}"));
        output.WriteLine($"Listening on {string.Join(", ", all)}" + (hasReference ? $" (reference: {first}/docs)" : string.Empty));
        output.WriteLine(places);
        output.WriteLine(key.Created is { } created
            ? $"Admin key {created} (shown this once; also in {key.File})"
            : $"Admin key {key.Where}");
        output.WriteLine("Send a first measurement:");
        output.WriteLine(
            $$$"""curl -i {{{first}}}/measurement -H "X-API-Key: {{{key.ForShell}}}" -H 'Content-Type: application/json' -d '{"device":"greenhouse-12","fields":{"temperature":21.4,"humidity":56}}'""");
        output.Flush();
    }
}

/// <summary>What the banner says about the admin key.</summary>
/// <param name="Created">The key, when this start made it; else null.</param>
/// <param name="File">The file that holds it.</param>
/// <param name="Where">Where an existing key is found.</param>
/// <param name="ForShell">A shell expression that gives the key.</param>
internal sealed record AdminKeyNotice(string? Created, string File, string Where, string ForShell);
