using IotBackend.Api.Http;
using IotBackend.Application.Caching;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>A page of raw measurements in JSON, with the cursor to the next.</summary>
internal sealed class MeasurementPageFormat(IQueryCollection query) : IAnswerFormat<ReadMeasurements, MeasurementPage>, IPageFormat
{
    public string MediaType => JsonBody.MediaType;

    public ulong Digest => Cursor.DigestOf(query, "measurements");

    public byte[] Render(ReadMeasurements query, MeasurementPage page)
    {
        using var body = new JsonBody();
        MeasurementPageJson.Write(body.Output, page, page.HasMore ? CursorAfter(query.Range, page.Items[^1]) : null);
        return body.ToBytes();
    }

    private string CursorAfter(TimeRange range, Measurement last) => new Cursor(Digest, range, new MeasurementPosition(last.Timestamp, last.Key)).Encode();
}
