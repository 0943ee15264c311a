using System.Security.Cryptography;
using IotBackend.Application.ApiKeys;
using IotBackend.Domain.ApiKeys;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>Keys from the operating system's random numbers.</summary>
internal sealed class RandomKeyGenerator : IKeyGenerator
{
    public string Create()
    {
        Span<byte> random = stackalloc byte[ApiKeyToken.RandomLength];
        RandomNumberGenerator.Fill(random);
        return ApiKeyToken.Create(random);
    }

    public string Renew(string id)
    {
        Span<byte> random = stackalloc byte[ApiKeyToken.RandomLength];
        RandomNumberGenerator.Fill(random);
        return ApiKeyToken.Create(id, random);
    }
}
