namespace IotBackend.Api.Composition;

/// <summary>A setting has a value that the program can not start with.</summary>
internal sealed class SettingException(string setting, string message) : Exception($"{setting}: {message}");
