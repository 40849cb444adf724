using CiMetrics.Hosting;

namespace CiMetrics.Spacelift.Api;

/// <summary>The secret of an API key, as its file has it when it is asked for.</summary>
internal sealed class SecretSource
{
    // Kubernetes' secrets have a megabyte at most; a key's secret has some dozen bytes.
    private const int LargestFile = 64 << 10;

    private readonly Reader _read;

    private SecretSource(string? first, Reader read) => (Last, _read) = (first, read);

    private delegate string? Reader(out string? problem);

    /// <summary>The secret that was read last.</summary>
    public string? Last { get; private set; }

    /// <summary>The secret of a setting, or of the file that it names.</summary>
    public static SecretSource Of(Secret secret) => new(secret.Value?.Trim(), secret.ReadAgain);

    /// <summary>The secret of a file.</summary>
    public static SecretSource OfFile(string path) => new(null, (out string? problem) => ReadFile(path, out problem));

    /// <summary>Reads a file; null and the rule that it breaks where it cannot be used.</summary>
    public static string? ReadFile(string path, out string? rule)
    {
        rule = null;
        try
        {
            if (new FileInfo(path).Length > LargestFile) rule = $"must name a file of at most {LargestFile >> 10} KiB";
            else if (File.ReadAllText(path).Trim() is { Length: > 0 } text) return text;
            else rule = "must name a file that is not empty";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            rule = $"must name a readable file: {exception.Message}";
        }
        return null;
    }

    /// <summary>Reads it; the one from before where the file cannot be used, null where there is none.</summary>
    public string? Read(out string? problem)
    {
        string? text = _read(out problem)?.Trim();
        if (!string.IsNullOrEmpty(text)) Last = text;
        return Last;
    }
}
