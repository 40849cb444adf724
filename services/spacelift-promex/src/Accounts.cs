using CiMetrics.Hosting;
using CiMetrics.Spacelift.Api;

namespace CiMetrics.Spacelift;

/// <summary>An account and the key to it.</summary>
/// <param name="Endpoint">Where queries are sent.</param>
/// <param name="KeyId">The id of the API key.</param>
/// <param name="Secret">Its secret.</param>
internal sealed record AccountKey(Uri Endpoint, string KeyId, SecretSource Secret);

/// <summary>The accounts of the config file, which are scraped by their names.</summary>
internal sealed class Accounts
{
    private const string Endpoint = "api_endpoint";
    private const string KeyId = "api_key_id";
    private const string SecretFile = "api_key_secret_file";
    // Each has its own calls, listings and series.
    private const int Most = 50;

    private readonly Setting<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> _sections;

    /// <summary>Declares them.</summary>
    public Accounts(ServiceSettings settings)
    {
        _sections = settings.Sections(
            "accounts", "Further accounts, scraped at /probe?account=NAME: NAME.api_endpoint, NAME.api_key_id and NAME.api_key_secret_file", Endpoint, KeyId, SecretFile);
        settings.AddCheck(Problems, _sections);
    }

    /// <summary>Whether there are any.</summary>
    public bool Any => _sections.Value.Count > 0;

    /// <summary>The accounts by name.</summary>
    public IEnumerable<(string Name, AccountKey Key)> All() => _sections.Value.Select(section =>
        (section.Key, new AccountKey(ApiEndpoint.Parse(section.Value[Endpoint])!, section.Value[KeyId], SecretSource.OfFile(section.Value[SecretFile]))));

    private IEnumerable<string> Problems()
    {
        if (_sections.Value.Count > Most) yield return $"--accounts must name at most {Most} accounts";
        foreach ((string name, IReadOnlyDictionary<string, string> given) in _sections.Value)
        {
            foreach (string key in (string[])[Endpoint, KeyId, SecretFile])
            {
                if (!given.ContainsKey(key)) yield return $"--accounts: {name}.{key} must be given";
            }
            if (given.TryGetValue(Endpoint, out string? url) && ApiEndpoint.Parse(url) is null) yield return $"--accounts: {name}.{Endpoint} {ApiEndpoint.Rule}";
            if (given.TryGetValue(SecretFile, out string? file) && SecretSource.ReadFile(file, out string? rule) is null) yield return $"--accounts: {name}.{SecretFile} {rule}";
        }
    }
}
