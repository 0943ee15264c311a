using System.Collections.Concurrent;
using IotBackend.Infrastructure.Measurements.Sqlite;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Connections for reading, as many as are in use at once.</summary>
internal sealed class ChunkSessions(string file) : IDisposable
{
    private readonly ConcurrentBag<Lease> _idle = [];
    private volatile bool _isDisposed;

    /// <summary>Dispose the lease to give the connection back.</summary>
    public Lease Rent() => _idle.TryTake(out var lease) ? lease : new Lease(this);

    public void Dispose()
    {
        _isDisposed = true;
        while (_idle.TryTake(out var lease))
            lease.Close();
    }

    internal sealed class Lease : IDisposable
    {
        private readonly ChunkSessions _owner;
        private readonly Microsoft.Data.Sqlite.SqliteConnection _connection;

        public Lease(ChunkSessions owner)
        {
            _owner = owner;
            _connection = SqliteFile.OpenForReading(owner.File);
            Session = new ChunkSession(_connection);
        }

        public ChunkSession Session { get; }

        /// <summary>The chunk that a reader unpacks, for the moment in which it does.</summary>
        public PointColumns Chunk { get; } = new();

        /// <summary>What a reader takes from memory, for the moment in which it does.</summary>
        public PointColumns Recent { get; } = new();

        public void Dispose()
        {
            if (_owner._isDisposed)
                Close();
            else
                _owner._idle.Add(this);
        }

        public void Close()
        {
            Session.Dispose();
            _connection.Dispose();
        }
    }

    private string File => file;
}
