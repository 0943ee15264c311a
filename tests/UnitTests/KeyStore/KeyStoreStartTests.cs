using IotBackend.Infrastructure;
using IotBackend.Infrastructure.KeyStore;
using IotBackend.UnitTests.ApiKeys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Xunit;

namespace IotBackend.UnitTests.KeyStore;

public sealed class KeyStoreStartTests : IDisposable
{
    private readonly TestKeyStore _test = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Database_is_made_from_nothing_with_its_folder()
    {
        using var test = new TestKeyStore(folder: Path.Combine(_test.Folder, "a", "b"));
        await test.StartAsync();
        await test.Store.AddAsync(TestKeys.KeyOf(TestKeys.NewToken()), Cancellation);
        Assert.True(File.Exists(test.File));
        Assert.Empty(Directory.GetFiles(test.Folder, "*.migrating"));
    }

    [Fact]
    public async Task Migrations_say_all_that_the_model_says()
    {
        await using var context = await _test.ContextAsync();
        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task Second_start_changes_nothing()
    {
        await _test.StartAsync();
        var key = TestKeys.KeyOf(TestKeys.NewToken());
        await _test.Store.AddAsync(key, Cancellation);
        await _test.StartAsync();
        Assert.NotNull(await _test.Store.FindAsync(key.Id, Cancellation));
    }

    [Fact]
    public async Task Schema_of_a_newer_program_is_refused_and_left_alone()
    {
        await _test.StartAsync();
        _test.Run("INSERT INTO __EFMigrationsHistory VALUES ('29991231235959_Later', '99.0.0')");
        var message = await StartFails();
        Assert.Contains("newer version", message, StringComparison.Ordinal);
        Assert.Contains("29991231235959_Later", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_that_is_no_database_is_refused_and_left_alone()
    {
        var garbage = Enumerable.Range(0, 8192).Select(i => (byte)(i * 7)).ToArray();
        await File.WriteAllBytesAsync(_test.File, garbage, Cancellation);
        Assert.Contains("damaged", await StartFails(), StringComparison.Ordinal);
        Assert.Equal(garbage, await File.ReadAllBytesAsync(_test.File, Cancellation));
    }

    [Fact]
    public async Task Damaged_page_is_refused()
    {
        await _test.StartAsync();
        for (var i = 0; i < 200; i++)
            await _test.Store.AddAsync(TestKeys.KeyOf(TestKeys.NewToken()), Cancellation);
        _test.Run("PRAGMA wal_checkpoint(TRUNCATE)");
        _test.Close();
        await using (var file = new FileStream(_test.File, FileMode.Open))
        {
            file.Position = file.Length - 4096;
            await file.WriteAsync(Enumerable.Repeat((byte)0xA5, 4096).ToArray(), Cancellation);
        }

        using var next = new TestKeyStore(folder: _test.Folder);
        var exception = await Assert.ThrowsAsync<StorageStartException>(next.StartAsync);
        Assert.Contains("damaged", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_only_database_is_refused()
    {
        await _test.StartAsync();
        using var readOnly = new TestKeyStore(folder: _test.Folder, settings: ("KeyStore:ConnectionString", $"Data Source={_test.File};Mode=ReadOnly"));
        var exception = await Assert.ThrowsAsync<StorageStartException>(readOnly.StartAsync);
        Assert.Contains("read-only", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public async Task Folder_that_is_a_file_is_refused()
    {
        var path = Path.Combine(_test.Folder, "taken");
        await File.WriteAllTextAsync(path, string.Empty, Cancellation);
        using var test = new TestKeyStore(folder: _test.Folder, settings: ("KeyStore:ConnectionString", $"Data Source={path}/keys.db"));
        var exception = await Assert.ThrowsAsync<StorageStartException>(test.StartAsync);
        Assert.Contains("Data:Path", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migration_goes_on_after_a_process_was_killed_in_its_middle()
    {
        await _test.StartAsync();
        _test.Run("""
            DROP TABLE api_keys;
            DROP TABLE api_key_certificates;
            DROP TABLE audit;
            DROP TABLE blocks;
            DROP TABLE tiers;
            DROP TABLE usage;
            DROP TABLE leases;
            DROP TABLE idempotency;
            DROP TABLE devices;
            DELETE FROM __EFMigrationsHistory;
            INSERT OR REPLACE INTO __EFMigrationsLock VALUES (1, '2026-11-23 20:44:00')
            """);
        await _test.StartAsync().WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        await _test.Store.AddAsync(TestKeys.KeyOf(TestKeys.NewToken()), Cancellation);
    }

    [Fact]
    public async Task Migration_by_another_process_is_told()
    {
        await using (new FileStream(_test.File + ".migrating", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
            Assert.Contains("another process", await StartFails(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("KeyStore:ConnectionString", "Password=hunter2;Nonsense=1")]
    [InlineData("KeyStore:ConnectionString", "Data Source=:memory:")]
    [InlineData("KeyStore:ConnectionString", "Mode=ReadOnly")]
    [InlineData("KeyStore:CacheSeconds", "0")]
    [InlineData("KeyStore:CacheSeconds", "3601")]
    [InlineData("KeyStore:OutageSeconds", "0")]
    [InlineData("KeyStore:Provider", "17")]
    public void Wrong_setting_is_named_and_its_value_is_not_repeated(string name, string value)
    {
        using var test = new TestKeyStore(folder: _test.Folder, settings: (name, value));
        var exception = Assert.Throws<OptionsValidationException>(() => test.Get<IOptions<KeyStoreOptions>>().Value);
        Assert.Contains(name.Split(':')[1], exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", exception.Message, StringComparison.Ordinal);
    }

    private async Task<string> StartFails()
    {
        var exception = await Assert.ThrowsAsync<StorageStartException>(_test.StartAsync);
        Assert.Contains(_test.File, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
        return exception.Message;
    }
}
