using System.ComponentModel.DataAnnotations;

namespace IotBackend.Api.Composition;

/// <summary>Section <c>Data</c>.</summary>
public sealed class DataOptions
{
    public const string Section = "Data";

    /// <summary>The folder of all that is kept, relative to the working directory.</summary>
    [Required]
    [MinLength(1)]
    public string Path { get; set; } = "data";
}
