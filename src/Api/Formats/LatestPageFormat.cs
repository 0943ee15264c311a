using IotBackend.Api.Http;
using IotBackend.Application.Caching;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>A page of newest values in JSON, with the cursor to the next.</summary>
internal sealed class LatestPageFormat(IQueryCollection query) : IAnswerFormat<ReadLatest, LatestPage>, IPageFormat
{
    public string MediaType => JsonBody.MediaType;

    public ulong Digest => Cursor.DigestOf(query, "latest");

    public byte[] Render(ReadLatest query, LatestPage page)
    {
        using var body = new JsonBody();
        MeasurementPageJson.Write(body.Writer, page, page.HasMore ? CursorAfter(page.Items[^1].Key) : null);
        return body.ToBytes();
    }

    private string CursorAfter(MeasurementKey last) => new Cursor(Digest, default, new MeasurementPosition(default, last)).Encode();
}
