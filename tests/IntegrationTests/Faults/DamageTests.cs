using System.Net;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.Data.Sqlite;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>Files that are not as they were left: the program says so, or answers 503; it never gives wrong data for right.</summary>
public sealed class DamageTests(ITestOutputHelper output)
{
    private const int Seed = 11;
    private const int LargestPage = 16 << 10;

    [Theory]
    [InlineData("inbox.db")]
    [InlineData("chunks.db")]
    public async Task Corrupted_last_page_gives_no_wrong_data(string file)
    {
        await using var server = await IotServer.StartAsync();
        var ledger = await StoreInBothFilesAsync(server);
        var path = Directory.GetFiles(server.DataPath, file, SearchOption.AllDirectories).Single();
        var page = Math.Min(LargestPage, (int)PageSize(path));
        Overwrite(path, new FileInfo(path).Length - page, RandomBytes(page));

        await AssertTruthfulAsync(server, ledger);
    }

    [Theory]
    [InlineData("inbox.db")]
    [InlineData("chunks.db")]
    public async Task File_cut_short_gives_no_wrong_data(string file)
    {
        await using var server = await IotServer.StartAsync();
        var ledger = await StoreInBothFilesAsync(server);
        var path = Directory.GetFiles(server.DataPath, file, SearchOption.AllDirectories).Single();
        using (var stream = File.OpenWrite(path))
            stream.SetLength(stream.Length - PageSize(path));

        await AssertTruthfulAsync(server, ledger);
    }

    [Theory]
    [InlineData("inbox.db")]
    [InlineData("chunks.db")]
    public async Task Flipped_bit_gives_no_wrong_data_wherever_it_is(string file)
    {
        await using var server = await IotServer.StartAsync();
        var ledger = await StoreInBothFilesAsync(server);
        var path = Directory.GetFiles(server.DataPath, file, SearchOption.AllDirectories).Single();
        var whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        var random = new Random(Seed);
        for (var round = 0; round < 12; round++)
        {
            var at = random.Next(whole.Length);
            Overwrite(path, at, [(byte)(whole[at] ^ (1 << random.Next(8)))]);
            output.WriteLine($"A bit of byte {at} of {whole.Length}:");

            await AssertTruthfulAsync(server, ledger);

            foreach (var left in Directory.GetFiles(Path.GetDirectoryName(path)!, file + "-*"))
                File.Delete(left);
            await File.WriteAllBytesAsync(path, whole, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>
    /// Measurements in chunks, and others that are still in the inbox, since the program was killed before it could flush them.
    /// All of it in the files proper, none in their logs.
    /// </summary>
    private static async Task<Ledger> StoreInBothFilesAsync(IotServer server)
    {
        var ledger = new Ledger();
        await PostAsync(server, ledger, "in-chunks");
        Assert.Equal(0, await server.StopAsync());
        await server.RestartAsync();
        await PostAsync(server, ledger, "in-inbox");
        await server.KillAsync();
        foreach (var file in Directory.GetFiles(server.DataPath, "*.db", SearchOption.AllDirectories))
            Query(file, "PRAGMA wal_checkpoint(TRUNCATE)");
        return ledger;
    }

    private static async Task PostAsync(IotServer server, Ledger ledger, string name)
    {
        var poster = new Poster(server.Client(), ledger, name, batchSize: 200);
        for (var i = 0; i < 40; i++)
        {
            using var response = await poster.PostAsync();
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        }
    }

    /// <summary>Fails unless the program refuses to start with a line that says why, refuses to answer, or answers with all that is right.</summary>
    private async Task AssertTruthfulAsync(IotServer server, Ledger ledger)
    {
        using var process = ServerProcess.Start(server.DataPath, new IotServerOptions());
        await Eventually.TrueAsync(() => process.HasExited || process.Output.Address is not null, "the program starts or ends");
        if (process.Output.Address is not { } address)
        {
            output.WriteLine(RefusedStart.AssertTells(process.Output, await process.WaitForExitAsync(), server.DataPath));
            return;
        }

        using var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Add("X-API-Key", server.AdminKey);
        try
        {
            await ledger.AssertKeptAsync(client);
            output.WriteLine("It answered with everything.");
        }
        catch (ReadRefusedException refusal) when (refusal.Status == HttpStatusCode.ServiceUnavailable)
        {
            Assert.Contains("\"storage_unavailable\"", refusal.Message, StringComparison.Ordinal);
            output.WriteLine(refusal.Message);
        }

        await process.KillAsync();
    }

    private static long PageSize(string path) => Query(path, "PRAGMA page_size");

    private static long Query(string path, string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static void Overwrite(string path, long at, byte[] bytes)
    {
        using var file = File.OpenWrite(path);
        file.Position = at;
        file.Write(bytes);
    }

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(Seed).NextBytes(bytes);
        return bytes;
    }
}
