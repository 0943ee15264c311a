namespace IotBackend.Infrastructure;

/// <summary>Something that is kept on disk can not be opened. The message is one line for an operator: which file, and what to do.</summary>
public sealed class StorageStartException(string message, Exception? inner = null) : Exception(message, inner);
