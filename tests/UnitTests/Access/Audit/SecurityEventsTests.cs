using System.Net;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.ApiKeys;
using IotBackend.Domain.Access;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Xunit;

namespace IotBackend.UnitTests.Access.Audit;

public sealed class SecurityEventsTests
{
    private static readonly KeyStoreUnavailableException Outage = new("The key store does not answer.", null);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 20, 44, 0, TimeSpan.Zero));
    private readonly IAuditLog _log = Substitute.For<IAuditLog>();
    private readonly Dictionary<long, AuditEntry> _stored = [];
    private readonly SecurityEvents _events;
    private readonly SecurityEventWriter _writer;
    private bool _isDown;

    public SecurityEventsTests()
    {
        var keeping = new AuditKeeping(TimeSpan.FromDays(1), 10);
        _events = new SecurityEvents(keeping, _time);
        _writer = new SecurityEventWriter(_events, _log, keeping, NullLogger<SecurityLog>.Instance);
        Answer();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Event_is_written_when_it_first_happens_and_its_count_when_the_minute_is_over()
    {
        Post("192.0.2.7", 3);
        await RunAsync();
        Assert.Equal(("authentication.fail", "wrong_secret", "192.0.2.7", 3), Told(Assert.Single(_stored.Values)));
        Post("192.0.2.7", 97);
        await RunAsync();
        Assert.Equal(3, Assert.Single(_stored.Values).Count);
        _time.Advance(TimeSpan.FromMinutes(1));
        await RunAsync();
        Assert.Equal(100, Assert.Single(_stored.Values).Count);
        await _log.ReceivedWithAnyArgs(1).AddAsync(default(IReadOnlyList<AuditEntry>)!, Cancel);
        await _log.ReceivedWithAnyArgs(1).CountAsync(default!, Cancel);
    }

    [Fact]
    public async Task Next_minute_has_an_entry_of_its_own()
    {
        for (var minute = 0; minute < 3; minute++)
        {
            Post("192.0.2.7", 2);
            await RunAsync();
            _time.Advance(TimeSpan.FromMinutes(1));
            await RunAsync();
        }

        Assert.Equal([2, 2, 2], _stored.Values.Select(entry => entry.Count));
    }

    [Fact]
    public async Task Addresses_of_one_network_are_one_entry_and_others_are_not()
    {
        Post("2001:db8:1:2::1", 1);
        Post("2001:db8:1:2::ffff", 1);
        Post("2001:db8:1:3::1", 1);
        Post("192.0.2.7", 1);
        Post("192.0.2.8", 1);
        await RunAsync();
        Assert.Equal([2, 1, 1, 1], _stored.Values.Select(entry => entry.Count).OrderDescending());
    }

    [Fact]
    public async Task Beyond_the_most_of_a_minute_events_are_counted_in_one_entry()
    {
        for (var i = 0; i < 100_000; i++)
            Post($"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}", 1);
        for (var i = 0; i < 61; i++)
        {
            await RunAsync();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(11, _stored.Count);
        var overflow = Assert.Single(_stored.Values, entry => entry.Action == "events.overflow");
        Assert.Equal(99_990, overflow.Count);
        Assert.Equal(100_000, _stored.Values.Sum(entry => entry.Count));
    }

    [Fact]
    public async Task Flood_that_anybody_can_cause_hides_no_rule_and_no_actor()
    {
        PostFlood();
        PostOthers();
        await RunAsync();
        Assert.Equal(["access.refuse", "authentication.fail", "block.create", "block.end"], Actions());
        Assert.Equal(10, _stored.Values.Count(entry => entry.Action == SecurityActions.AuthenticationFail));
    }

    [Fact]
    public async Task Events_of_rules_and_those_of_actors_are_bounded_too_and_hide_nothing_of_each_other()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _events.Post(new SecurityEvent("block.create", AuditEntry.Done) { Address = AddressNetwork.Of(new IPAddress([10, 0, (byte)(i >> 8), (byte)i])) });
            _events.Post(new SecurityEvent(SecurityActions.AccessRefuse, "insufficient_scope") { ActorId = $"{i}" });
        }

        Post("192.0.2.7", 1);
        await _writer.RunAsync(isLast: true, Cancel);
        Assert.Equal(10, _stored.Values.Count(entry => entry.Action == "block.create"));
        Assert.Equal(10, _stored.Values.Count(entry => entry.Action == SecurityActions.AccessRefuse));
        Assert.Single(_stored.Values, entry => entry.Action == SecurityActions.AuthenticationFail);
        Assert.Equal(1_980, Assert.Single(_stored.Values, entry => entry.Action == SecurityActions.Overflow).Count);
    }

    [Fact]
    public async Task Flood_in_an_outage_leaves_room_for_what_else_waits()
    {
        _isDown = true;
        for (var minute = 0; minute < 40; minute++)
        {
            PostFlood();
            await RunAsync();
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        PostOthers();
        await RunAsync();
        _isDown = false;
        await RunAsync();
        Assert.Equal(["access.refuse", "authentication.fail", "block.create", "block.end", "events.overflow"], Actions());
        Assert.Equal(100, _stored.Values.Count(entry => entry.Action == SecurityActions.AuthenticationFail));
    }

    [Fact]
    public async Task Nothing_is_lost_or_counted_twice_when_all_post_at_once()
    {
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    _time.Advance(TimeSpan.FromSeconds(31));
                    await _writer.RunAsync(isLast: false, CancellationToken.None);
                }
            },
            Cancel);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Post("192.0.2.7", 50_000), Cancel)));
        await stop.CancelAsync();
        await writing;
        await _writer.RunAsync(isLast: true, Cancel);
        Assert.Equal(200_000, _stored.Values.Sum(entry => entry.Count));
    }

    [Fact]
    public async Task Outage_is_waited_for_in_bounded_memory()
    {
        _isDown = true;
        for (var minute = 0; minute < 50; minute++)
        {
            Post("192.0.2.7", 4);
            await RunAsync();
            _time.Advance(TimeSpan.FromMinutes(1));
            await RunAsync();
        }

        _isDown = false;
        await RunAsync();
        Assert.Equal(Enumerable.Repeat(4, 50), _stored.Values.Select(entry => entry.Count));

        _isDown = true;
        for (var minute = 0; minute < 1_000; minute++)
        {
            Post("192.0.2.7", 1);
            await RunAsync();
            _time.Advance(TimeSpan.FromMinutes(1));
            await RunAsync();
        }

        _isDown = false;
        await RunAsync();
        Assert.Equal(50 + 100, _stored.Count);
    }

    [Fact]
    public async Task What_still_counts_is_written_at_the_end()
    {
        Post("192.0.2.7", 1);
        await RunAsync();
        Post("192.0.2.7", 4);
        await _writer.RunAsync(isLast: true, Cancel);
        Assert.Equal(5, Assert.Single(_stored.Values).Count);
    }

    private static (string, string?, string?, int) Told(AuditEntry entry) => (entry.Action, entry.Outcome, entry.Address, entry.Count);

    private Task RunAsync() => _writer.RunAsync(isLast: false, Cancel);

    private void Post(string address, int times)
    {
        var network = AddressNetwork.Of(IPAddress.Parse(address));
        for (var i = 0; i < times; i++)
            _events.Post(new SecurityEvent(SecurityActions.AuthenticationFail, SecurityActions.WrongSecret) { Address = network });
    }

    private void PostFlood()
    {
        for (var i = 0; i < 100; i++)
            Post($"10.0.0.{i}", 1);
    }

    private void PostOthers()
    {
        _events.Post(new SecurityEvent("block.create", AuditEntry.Done) { Address = AddressNetwork.Of(IPAddress.Parse("192.0.2.7")) });
        _events.Post(new SecurityEvent("block.end", AuditEntry.Done) { ActorId = "0123456789AB" });
        _events.Post(new SecurityEvent(SecurityActions.AccessRefuse, "insufficient_scope") { ActorId = "0123456789AB" });
    }

    private IEnumerable<string> Actions() => _stored.Values.Select(entry => entry.Action).Distinct().Order(StringComparer.Ordinal);

    private void Answer()
    {
        _log.AddAsync(default(IReadOnlyList<AuditEntry>)!, default).ReturnsForAnyArgs(call =>
        {
            if (_isDown)
                throw Outage;
            var ids = call.Arg<IReadOnlyList<AuditEntry>>().Select(entry => Store(entry with { Id = _stored.Count + 1 })).ToList();
            return Task.FromResult<IReadOnlyList<long>>(ids);
        });
        _log.CountAsync(default!, default).ReturnsForAnyArgs(call =>
        {
            foreach (var entry in call.Arg<IReadOnlyList<AuditEntry>>())
                Store(entry);
            return Task.CompletedTask;
        });
    }

    private long Store(AuditEntry entry)
    {
        _stored[entry.Id] = entry;
        return entry.Id;
    }
}
