using IotBackend.Simulator.Sending;

namespace IotBackend.Simulator.Csv;

/// <summary>What a file holds, one sample a timestamp in the order of time, and what of it was left out or merged.</summary>
/// <param name="Rows">Rows of the file, its header aside.</param>
/// <param name="EmptyRows">Rows without any value.</param>
/// <param name="MergedRows">Rows whose timestamp an earlier row had: the later row's values win, field by field, as they would on the server.</param>
/// <param name="SkippedTimes">Rows whose local time never was, because the clocks went forward over it.</param>
internal sealed record CsvSamples(IReadOnlyList<Sample> Samples, int Rows, int EmptyRows, int MergedRows, int SkippedTimes);
