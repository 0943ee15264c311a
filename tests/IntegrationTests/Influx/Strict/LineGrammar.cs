namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>Whose line protocol it is. They differ in what a backslash does, and in what may stand twice.</summary>
internal enum LineGrammar
{
    /// <summary>A backslash stands for itself unless it comes before a comma, an equals sign or a space.</summary>
    Version2,

    /// <summary>As in 2.x, and two backslashes are one.</summary>
    Version3,
}
