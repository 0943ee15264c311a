using IotBackend.Infrastructure.KeyStore;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace IotBackend.UnitTests.KeyStore;

public sealed class KeyStoreCopyTests : IDisposable
{
    private readonly TestKeyStore _source = new();
    private readonly TestKeyStore _target = new();

    public void Dispose()
    {
        _source.Dispose();
        _target.Dispose();
    }

    [Fact]
    public async Task What_is_written_while_it_is_copied_is_not_in_half_of_the_tables()
    {
        await _source.StartAsync();
        _source.Run("INSERT INTO tiers (Name, WindowSeconds, Burst, Version) VALUES ('before', 60, 0, 1)");
        _source.Run("INSERT INTO leases (Name, Holder, Until) VALUES ('retention', 'a node', '2027-01-01')");
        var writing = new WritingFactory(_target.Get<IDbContextFactory<KeyStoreContext>>(), () =>
            _source.Run("INSERT INTO tiers (Name, WindowSeconds, Burst, Version) VALUES ('meanwhile', 60, 0, 1)"));

        var copied = await new KeyStoreCopy(_target.Get<IKeyStoreStart>(), writing).RunAsync(_source.File, TestContext.Current.CancellationToken);

        Assert.True(writing.HasWritten);
        Assert.Equal(1, copied["tiers"]);
        await using var context = await _target.ContextAsync();
        Assert.Equal(["before"], await context.Tiers.Select(tier => tier.Name).ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, await context.Leases.CountAsync(TestContext.Current.CancellationToken));
        await using var source = await _source.ContextAsync();
        Assert.Equal(2, await source.Tiers.CountAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Something else is written when the first table has been read.</summary>
    private sealed class WritingFactory(IDbContextFactory<KeyStoreContext> contexts, Action write) : IDbContextFactory<KeyStoreContext>
    {
        public bool HasWritten { get; private set; }

        public KeyStoreContext CreateDbContext()
        {
            var context = contexts.CreateDbContext();
            context.SavingChanges += (_, _) =>
            {
                if (!HasWritten)
                    write();
                HasWritten = true;
            };
            return context;
        }
    }
}
