namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary><c>POST /api/v2/write</c>. A line that can not be read refuses them all; points that can not be stored are left out.</summary>
internal sealed class Write2(RealInflux real, Buckets2 buckets)
{
    public async Task<Answer> AnswerAsync(StrictRequest request)
    {
        request.Allow("org", "orgID", "bucket", "precision");
        if (request.Method != "POST")
            throw new DeviationException($"{request.Route} does not exist");
        if (request["precision"] is not "ns")
            throw new DeviationException("the precision is not ns, in which all times are kept here");
        StrictInflux2.CheckOrganization(request);
        var bucket = buckets.Require(request.Require("bucket"));
        var body = await request.ReadLinesAsync();
        Check(body);
        return await real.WriteAsync(bucket.Id, body) switch
        {
            null => Answer.NoContent,
            { } refused when refused.StartsWith("partial write", StringComparison.Ordinal) =>
                StrictInflux2.Error(422, "unprocessable entity", $"failure writing points to database: {refused}"),
            { } failed => StrictInflux2.Error(500, "internal error", $"unexpected error writing points to database: {failed}"),
        };
    }

    private static void Check(string body)
    {
        var faults = new List<string>();
        foreach (var line in StrictLineReader.Split(body))
        {
            try
            {
                if (StrictLineReader.Read(line, LineGrammar.Version2).Tags.Any(tag => tag.Key == "time"))
                    faults.Add($"unable to parse '{line}': cannot use reserved tag key \"time\"");
            }
            catch (LineException fault)
            {
                faults.Add($"unable to parse '{line}': {fault.Message}");
            }
        }

        if (faults.Count > 0)
            throw new RefusedException(StrictInflux2.Error(400, "invalid", string.Join('\n', faults)));
    }
}
