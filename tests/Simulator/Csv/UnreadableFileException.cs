namespace IotBackend.Simulator.Csv;

/// <summary>A file is not one that can be sent; nothing of it was.</summary>
internal sealed class UnreadableFileException(string file, long line, string fault) : Exception($"{file}, line {line}: {fault}.");
