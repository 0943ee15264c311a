using System.Text;
using IotBackend.Infrastructure.Measurements.Spool;
using Xunit;
using static IotBackend.UnitTests.Infrastructure.Measurements.Spool.TestSpool;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Spool;

/// <summary>What a start finds when the process ended at a certain moment: a copy of the files at that moment is opened.</summary>
public sealed class SpoolCrashTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 23, 20, 44, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_crash_at_any_moment()
    {
        using var spool = new TestSpool();
        for (var i = 0; i < 20; i++)
        {
            await spool.AppendAsync(A, $"entry {i}");
            using var crashed = spool.Crashed();
            Assert.Equal(await spool.PayloadsAsync(A), await crashed.PayloadsAsync(A));
        }
    }

    [Fact]
    public async Task What_was_completed_replayed_or_discarded_stays_so_after_a_crash()
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, "1", "2", "3", "4");
        await spool.RefuseAllAsync(A);
        var refused = await spool.RefusedAsync();
        await spool.ReplayAsync(refused[1].Id);
        await spool.DiscardAsync(refused[0].Id);
        await spool.AppendAsync(A, "5", "6");
        await spool.CompleteAsync([(await spool.PeekAsync(A))[1]]);

        using var crashed = spool.Crashed();

        Assert.Equal(["2", "6"], await crashed.PayloadsAsync(A));
        Assert.Equal(["3", "4"], (await crashed.RefusedAsync()).Select(item => item.Sample));
        Assert.Equal(spool.Queue.Status, crashed.Queue.Status);
    }

    [Fact]
    public async Task A_change_happens_altogether_or_not_at_all_whenever_the_process_ends()
    {
        var folder = Directory.CreateTempSubdirectory("iot-spool-").FullName;
        using (var file = SpoolFile.Open(folder))
        {
            file.Load();
            foreach (var change in Changes())
            {
                var before = await StateAsync(Copy(folder));
                var during = string.Empty;
                file.Transact(0, open =>
                {
                    change(open);
                    during = Copy(folder);
                });
                var after = await StateAsync(Copy(folder));

                Assert.Equal(before, await StateAsync(during));
                Assert.NotEqual(before, after);
            }
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_crash_while_room_is_given_back_loses_nothing()
    {
        var folder = Directory.CreateTempSubdirectory("iot-spool-").FullName;
        using (var file = SpoolFile.Open(folder))
        {
            file.Load();
            file.Transact(0, open => Fill(open, 600));
            file.Transact(0, open => open.Complete(open.Peek(A, 500 * 10_000).Whole, [], At));
            var expected = await StateAsync(Copy(folder));
            var steps = 0;
            for (var hasMore = true; hasMore; steps++)
            {
                hasMore = file.Shrink();
                Assert.Equal(expected, await StateAsync(Copy(folder)));
            }

            Assert.True(steps > 2, "Giving room back must take several steps for this test to say something.");
        }

        Directory.Delete(folder, recursive: true);
    }

    // Each changes more than the page cache holds, so that parts of it are in the log before it is committed.
    private static IEnumerable<Action<SpoolFile>> Changes()
    {
        yield return file => Fill(file, 500);
        yield return file =>
        {
            var done = file.Peek(A, 300 * 10_000).Whole;
            file.Complete(done, [.. done.Select(entry => Refusal(entry))], At);
        };
        yield return file => file.Replay([], null, At);
        yield return file => file.Complete(file.Peek(A, 400 * 10_000).Whole, [], At);
        yield return file =>
        {
            var done = file.Peek(A, 1).Whole;
            file.Complete(done, [Refusal(done[0])], At);
        };
        yield return file => file.Discard([], file.ListRefused([], 0, 1)[0].Id);
        yield return file => file.Drop(A);
    }

    private static void Fill(SpoolFile file, int entries)
    {
        for (var i = 0; i < entries; i++)
            file.Append(A, 1, At, Encoding.UTF8.GetBytes($"{i} {new string('x', 10_000)}"));
    }

    private static async Task<string> StateAsync(string folder)
    {
        using var spool = new TestSpool(folder: folder);
        var waiting = (await spool.PeekAsync(A)).Select(entry => $"{entry.Id} {Text(entry)[..5]} {entry.Payload.Length}");
        var refused = (await spool.RefusedAsync()).Select(item => $"{item.Id} {item.Sample[..5]}");
        return $"{spool.Queue.Status} {string.Join(',', waiting)} {string.Join(',', refused)}";
    }
}
