using System.Net;
using System.Net.Sockets;

namespace IotBackend.Performance.Servers;

internal static class FreePort
{
    /// <summary>A port on which nothing listens at the moment.</summary>
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
