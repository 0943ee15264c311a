using IotBackend.Application.ApiKeys;
using IotBackend.Domain.ApiKeys;
using IotBackend.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>How a database is made, brought forward and refused.</summary>
public abstract class OpeningTests(KeyStoreFixture fixture) : KeyStoreTests(fixture)
{
    [Fact]
    public async Task Migrations_say_all_that_the_model_says()
    {
        await using var context = await NewNode().ContextAsync();
        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task Second_start_changes_nothing()
    {
        var key = SomeKeys.NewFull();
        await (await OpenedAsync()).Keys.AddAsync(key, Cancelled);
        SomeKeys.AssertSame(key, await (await OpenedAsync()).Keys.FindAsync(key.Id, Cancelled));
    }

    [Fact]
    public async Task Database_of_the_first_version_is_brought_forward_and_nothing_is_lost()
    {
        await using (var context = await NewNode().ContextAsync())
            await context.GetService<IMigrator>().MigrateAsync(context.Database.GetMigrations().First(), Cancelled);
        await Database.ExecuteAsync(Database.InsertIntoFirst);

        var node = await OpenedAsync();

        SomeKeys.AssertSame(SomeKeys.First, await node.Keys.FindAsync(SomeKeys.First.Id, Cancelled));
        var changed = SomeKeys.First with { Certificates = [SomeKeys.Certificate("new")], Name = "changed" };
        Assert.Equal(ApiKeySaved.Done, await node.Keys.UpdateAsync(changed, null, Cancelled));
        SomeKeys.AssertSame(changed with { Version = 8 }, await node.Keys.FindAsync(SomeKeys.First.Id, Cancelled));
        await using var migrated = await node.ContextAsync();
        Assert.Empty(await migrated.Database.GetPendingMigrationsAsync(Cancelled));
    }

    [Fact]
    public async Task Database_of_a_newer_program_is_refused_and_left_alone()
    {
        await OpenedAsync();
        await Database.ExecuteAsync("""INSERT INTO "__EFMigrationsHistory" VALUES ('29991231235959_Later', '99.0.0')""");
        var exception = await Assert.ThrowsAsync<StorageStartException>(NewNode().OpenAsync);
        Assert.Contains("newer version", exception.Message, StringComparison.Ordinal);
        Assert.Contains("29991231235959_Later", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_with_one_given_key_take_it()
    {
        var given = NewNode().Get<IKeyGenerator>().Create();
        await StartAtOnceAsync(async node =>
        {
            var result = await node.Get<AdminKeys>().EnsureFirstAsync(given, Cancelled);
            Assert.Null(result.Error);
            Assert.Null(result.Value);
        });
        Assert.Equal(ApiKeyToken.Split(given).Id, Assert.Single(await Database.ReadAsync("SELECT \"Id\" FROM api_keys")));
    }

    [Fact]
    public async Task Nodes_that_start_at_once_without_a_key_have_keys_that_work_and_are_told()
    {
        await StartAtOnceAsync(async node =>
        {
            var made = (await node.Get<AdminKeys>().EnsureFirstAsync(null, Cancelled)).Value;
            if (made is null)
                return;
            var (id, hash) = ApiKeyToken.Split(made);
            Assert.Equal(hash, (await node.Keys.FindAsync(id, Cancelled))!.SecretHash.ToArray());
            Assert.Equal(made, (await File.ReadAllTextAsync(node.Get<IAdminKeyFile>().Path, Cancelled)).Trim());
        });
        Assert.NotEmpty(await Database.ReadAsync("SELECT \"Id\" FROM api_keys"));
        var late = await OpenedAsync();
        Assert.Null((await late.Get<AdminKeys>().EnsureFirstAsync(null, Cancelled)).Value);
    }

    // Each test opens the database in its own way.
    protected override Task BeginAsync() => Task.CompletedTask;

    /// <summary>Two that find the database empty. Where one process only may migrate, the other is told so, and tries again as its service manager would.</summary>
    private Task StartAtOnceAsync(Func<KeyStoreNode, Task> then)
    {
        KeyStoreNode[] nodes = [NewNode(), NewNode()];
        return Task.WhenAll(nodes.Select(node => Task.Run(
            async () =>
            {
                await OpenPatientlyAsync(node);
                await then(node);
            },
            Cancelled)));
    }

    private static async Task OpenPatientlyAsync(KeyStoreNode node)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await node.OpenAsync();
                return;
            }
            catch (StorageStartException exception) when (tries < 100 && exception.Message.Contains("another process", StringComparison.Ordinal))
            {
                await Hosting.Eventually.PauseAsync();
            }
        }
    }

    private async Task<KeyStoreNode> OpenedAsync()
    {
        var node = NewNode();
        await node.OpenAsync();
        return node;
    }
}
