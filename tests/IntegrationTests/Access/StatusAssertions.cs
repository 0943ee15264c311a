using System.Net;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

/// <summary>Holds answers to their status, and shows what else came.</summary>
internal static class StatusAssertions
{
    public static async Task ShouldBeAsync(this HttpResponseMessage response, HttpStatusCode status)
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == status, $"Expected {(int)status}, got {(int)response.StatusCode}: {body}");
    }
}
