namespace IotBackend.Application.Measurements.Transfer;

/// <summary>A file of exported measurements can not be read or written; the message tells a person what is wrong and what to do.</summary>
public sealed class ExportFileException : Exception
{
    public ExportFileException(string message)
        : base(message)
    {
    }

    public ExportFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
