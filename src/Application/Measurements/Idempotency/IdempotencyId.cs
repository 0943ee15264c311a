using System.Security.Cryptography;
using System.Text;

namespace IotBackend.Application.Measurements.Idempotency;

/// <summary>What an idempotency key stands for: one operation of one API key.</summary>
/// <param name="KeyId">The API key.</param>
/// <param name="Digest">SHA-256 of the operation and the idempotency key, so that each takes the same room.</param>
public sealed record IdempotencyId(string KeyId, ReadOnlyMemory<byte> Digest)
{
    /// <param name="keyId">The API key.</param>
    /// <param name="operation">What is done, with its parameters.</param>
    /// <param name="idempotencyKey">As the caller chose it.</param>
    public static IdempotencyId Of(string keyId, string operation, string idempotencyKey) =>
        new(keyId, SHA256.HashData(Encoding.UTF8.GetBytes(operation + '\0' + idempotencyKey)));
}
