using System.Net;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>A page was asked for and not given.</summary>
internal sealed class ReadRefusedException(string path, HttpStatusCode status, string body) : Exception($"{path} answered {(int)status}: {body}")
{
    public HttpStatusCode Status => status;
}
