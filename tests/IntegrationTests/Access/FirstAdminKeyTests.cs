using System.Net;
using IotBackend.Api.Composition;
using IotBackend.Api.Security;
using IotBackend.Domain.ApiKeys;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

public sealed class FirstAdminKeyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("iotbackend-admin-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string KeyFile => Path.Combine(_folder, "admin.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task First_start_shows_a_key_that_works_and_the_next_start_keeps_it()
    {
        string key;
        await using (var server = await AccessServer.StartAsync(_folder))
        {
            key = server.AdminKey;
            Assert.Equal(key, server.Services.GetRequiredService<FirstAdminKey>().Created);
            await ShouldWork(server, key);
        }

        await using var next = await AccessServer.StartAsync(_folder);
        Assert.Null(next.Services.GetRequiredService<FirstAdminKey>().Created);
        Assert.Equal(key, next.AdminKey);
        await ShouldWork(next, key);
    }

    [Fact]
    public async Task Given_key_works_at_this_start_and_the_next_and_is_written_nowhere()
    {
        var key = AccessServer.NewToken();
        for (var start = 0; start < 2; start++)
        {
            await using var server = await AccessServer.StartAsync(_folder, "--IOT_ADMIN_KEY=" + key);
            await ShouldWork(server, key);
            Assert.Null(server.Services.GetRequiredService<FirstAdminKey>().Created);
            Assert.False(File.Exists(KeyFile));
        }
    }

    [Fact]
    public async Task Given_key_that_can_not_be_used_stops_the_start_in_one_line()
    {
        var exception = await Assert.ThrowsAsync<SettingException>(() => AccessServer.StartAsync(_folder, "--IOT_ADMIN_KEY=hunter2"));
        var line = Assert.IsType<string>(StartFailure.Describe(exception));
        Assert.StartsWith("Configuration: IOT_ADMIN_KEY", line, StringComparison.Ordinal);
        Assert.Contains("admin-key --new", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public async Task New_prints_a_well_formed_key_and_stores_nothing()
    {
        var (code, output) = await AdminKeyRuns.RunAsync("admin-key", "--new", "--Data:Path=" + _folder);
        Assert.Equal(0, code);
        Assert.True(ApiKeyToken.TryParse(output.Trim(), out _, out _));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData("--reset", "--Data:Path", "*")]
    [InlineData("--reset", "--Data:Path=*")]
    [InlineData("--Data:Path=*", "--reset")]
    public async Task Reset_makes_a_new_key_in_the_folder_that_is_named(params string[] arguments)
    {
        string lost;
        await using (var server = await AccessServer.StartAsync(_folder))
            lost = server.AdminKey;
        var (code, output) = await AdminKeyRuns.RunAsync(["admin-key", .. arguments.Select(argument => argument.Replace("*", _folder, StringComparison.Ordinal))]);
        Assert.Equal(0, code);
        await using var next = await AccessServer.StartAsync(_folder);
        Assert.NotEqual(lost, next.AdminKey);
        Assert.Contains(next.AdminKey, output, StringComparison.Ordinal);
        Assert.Contains(KeyFile, output, StringComparison.Ordinal);
        await ShouldWork(next, next.AdminKey);
        await ShouldWork(next, lost);
    }

    [Theory]
    [InlineData("admin-key")]
    [InlineData("admin-key", "--nonsense")]
    [InlineData("admin-key", "--new", "--reset")]
    public async Task Misuse_is_told_and_changes_nothing(params string[] arguments)
    {
        var (code, output) = await AdminKeyRuns.RunAsync([.. arguments, "--Data:Path=" + _folder]);
        Assert.NotEqual(0, code);
        Assert.Contains("Usage", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    private static async Task ShouldWork(AccessServer server, string key) =>
        await (await server.Client(key).GetAsync("/measurements", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
}
