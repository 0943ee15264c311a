namespace IotBackend.Application.Caching;

/// <summary>Where answers are kept on this node.</summary>
public interface IAnswerMemory
{
    long Entries { get; }

    long Bytes { get; }

    /// <summary>Answers that had to make room for others.</summary>
    long Evicted { get; }

    /// <summary>Forgets all of them; returns how many.</summary>
    long Clear();
}
