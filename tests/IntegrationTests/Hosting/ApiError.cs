using System.Text.Json;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>An error response as section 6 of the contract shapes it.</summary>
/// <param name="Faults">What <c>details.errors[]</c> tells; empty without it.</param>
internal sealed record ApiError(string Code, string Message, string ErrorId, JsonElement? Details, IReadOnlyList<ApiFault> Faults);

/// <param name="Index">The item of a batch; null for a fault of a single body, and in the formats of lines.</param>
/// <param name="Line">The line of the item in the formats of lines; null in all others.</param>
internal sealed record ApiFault(int? Index, string? Field, string Code, string Message, int? Line = null);
