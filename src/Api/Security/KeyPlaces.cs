namespace IotBackend.Api.Security;

/// <summary>Counts what keys hold open for long, such as connections or streams, and lets no more in than there are places: for all, and for one key. Addresses are counted by it too.</summary>
internal sealed class KeyPlaces(int most, int mostOfKey)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _ofKeys = new(StringComparer.Ordinal);
    private int _taken;

    public int Taken
    {
        get
        {
            lock (_lock)
                return _taken;
        }
    }

    /// <summary>Takes a place, which is given back by disposing it; null when there is none.</summary>
    /// <param name="keyId">Whose it is.</param>
    /// <param name="isKeys">When there is none: whether it is the key that has too many.</param>
    public IDisposable? TryTake(string keyId, out bool isKeys)
    {
        lock (_lock)
        {
            var ofKey = _ofKeys.GetValueOrDefault(keyId);
            isKeys = ofKey >= mostOfKey;
            if (isKeys || _taken >= most)
                return null;
            _ofKeys[keyId] = ofKey + 1;
            _taken++;
            return new Place(this, keyId);
        }
    }

    private void GiveBack(string keyId)
    {
        lock (_lock)
        {
            _taken--;
            if (--_ofKeys[keyId] == 0)
                _ofKeys.Remove(keyId);
        }
    }

    private sealed class Place(KeyPlaces places, string keyId) : IDisposable
    {
        private int _isGivenBack;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isGivenBack, 1) == 0)
                places.GiveBack(keyId);
        }
    }
}
