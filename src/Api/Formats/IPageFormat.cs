namespace IotBackend.Api.Formats;

/// <summary>The form of a page that others follow.</summary>
internal interface IPageFormat
{
    /// <summary>Of all that selects and orders; the size of a page may change from page to page.</summary>
    ulong Digest { get; }
}
