using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>A connection that sends bytes as no proper client would.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private RawConnection(TcpClient client) => (_client, _stream) = (client, client.GetStream());

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public int LocalPort => ((IPEndPoint)_client.Client.LocalEndPoint!).Port;

    public static async Task<RawConnection> OpenAsync(Uri server)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, Cancelled);
        return new RawConnection(client);
    }

    public async Task SendAsync(string text) => await _stream.WriteAsync(Encoding.UTF8.GetBytes(text), Cancelled);

    /// <summary>Says that nothing more comes, and still listens.</summary>
    public void HalfClose() => _client.Client.Shutdown(SocketShutdown.Send);

    /// <summary>The head of the request, all but the blank line that ends it.</summary>
    public Task SendHeadAsync(string path, string key, params string[] headers) =>
        SendAsync($"POST {path} HTTP/1.1\r\nHost: test\r\nX-API-Key: {key}\r\nContent-Type: application/json\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n");

    /// <summary>What the server says next; empty when it closes the connection instead.</summary>
    public async Task<string> ReadSomeAsync()
    {
        var buffer = new byte[4096];
        try
        {
            var read = await _stream.ReadAsync(buffer, Cancelled).AsTask().WaitAsync(Eventually.Patience, TimeProvider.System, Cancelled);
            return Encoding.UTF8.GetString(buffer, 0, read);
        }
        catch (IOException)
        {
            return string.Empty;
        }
    }

    /// <summary>All that the server says until it closes the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (int read; (read = await _stream.ReadAsync(buffer, Cancelled).AsTask().WaitAsync(Eventually.Patience, TimeProvider.System, Cancelled)) > 0;)
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // Reset by the server: what it said before is what it said.
        }

        return text.ToString();
    }

    /// <summary>The statuses of the responses in what the server said.</summary>
    public static IReadOnlyList<int> Statuses(string said) =>
    [
        .. said.Split("HTTP/1.1 ").Skip(1).Select(response => int.Parse(response.AsSpan(0, 3), CultureInfo.InvariantCulture)),
    ];

    public void Dispose() => _client.Dispose();
}
