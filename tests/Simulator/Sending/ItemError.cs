namespace IotBackend.Simulator.Sending;

/// <summary>Why a measurement was not taken: the contract's stable code, or one of ours.</summary>
internal sealed record ItemError(string Code, string Message)
{
    /// <summary>Ours: the server did not take the batch in the time that the device had for it.</summary>
    public const string GaveUp = "gave_up";

    /// <summary>Ours: the answer is not one that the contract knows.</summary>
    public const string UnexpectedAnswer = "unexpected_answer";
}
