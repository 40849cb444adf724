using CiMetrics.Hosting;

namespace CiMetrics.Spacelift.Api;

/// <summary>The secret of the API key, as its file has it when it is asked for.</summary>
internal sealed class SecretSource(Secret secret)
{
    /// <summary>The secret that was read last.</summary>
    public string? Last { get; private set; } = secret.Value?.Trim();

    /// <summary>Reads it; null where there is none.</summary>
    public string? Read(out string? problem)
    {
        string? text = secret.ReadAgain(out problem)?.Trim();
        return Last = string.IsNullOrEmpty(text) ? null : text;
    }
}
