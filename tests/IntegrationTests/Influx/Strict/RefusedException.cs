namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>The server refuses a request as its documentation says; nothing of it was done.</summary>
internal sealed class RefusedException(Answer answer) : Exception(answer.Body)
{
    public Answer Answer => answer;
}
