using System.Text.Json;

namespace CiMetrics.GitHubRunner.Runners;

/// <summary>An installed runner: its folder, and what its configuration says. <c>.credentials*</c> are never opened.</summary>
/// <param name="Path">The folder that holds <c>config.sh</c> and <c>_diag</c>, in full.</param>
/// <param name="Name">The runner's name, as GitHub has it.</param>
internal sealed record RunnerFolder(string Path, string Name)
{
    private const int LargestFile = 64 << 10;

    /// <summary>Whether the runner takes one job and is gone then.</summary>
    public bool IsEphemeral { get; init; }

    /// <summary>Where it writes its logs.</summary>
    public string Diag => System.IO.Path.Combine(Path, "_diag");

    /// <summary>Reads a folder. Without a configuration that can be read the name is the folder's own.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="name">A name that goes over the configuration's; null: none.</param>
    /// <param name="problem">Why the configuration was not read; null where it was.</param>
    public static RunnerFolder Read(string path, string? name, out string? problem)
    {
        string full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        (string? configured, bool isEphemeral) = Settings(System.IO.Path.Combine(full, ".runner"), out problem);
        return new RunnerFolder(full, name ?? configured ?? System.IO.Path.GetFileName(full)) { IsEphemeral = isEphemeral };
    }

    /// <summary>The folders that a setting names; the last part may hold <c>*</c> and <c>?</c>, and then stands for those that hold a runner.</summary>
    public static IEnumerable<string> Expand(string pattern)
    {
        string full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(pattern));
        string name = System.IO.Path.GetFileName(full);
        if (!name.AsSpan().ContainsAny('*', '?')) return [full];
        string parent = System.IO.Path.GetDirectoryName(full) ?? "/";
        return !Directory.Exists(parent) ? [] : Directory.EnumerateDirectories(parent, name)
            .Where(folder => File.Exists(System.IO.Path.Combine(folder, ".runner")) || Directory.Exists(System.IO.Path.Combine(folder, "_diag")))
            .Order(StringComparer.Ordinal);
    }

    private static (string? Name, bool IsEphemeral) Settings(string path, out string? problem)
    {
        problem = null;
        try
        {
            if (new FileInfo(path).Length > LargestFile)
            {
                problem = $"{path} is larger than any that a runner writes";
                return default;
            }
            byte[] text = File.ReadAllBytes(path);
            ReadOnlySpan<byte> json = text.AsSpan().StartsWith("\uFEFF"u8) ? text.AsSpan(3) : text;
            Utf8JsonReader reader = new(json);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                problem = $"{path} is no JSON object";
                return default;
            }
            string? name = root.TryGetProperty("agentName", out JsonElement given) && given.ValueKind == JsonValueKind.String ? given.GetString() : null;
            return (string.IsNullOrEmpty(name) ? null : name, root.TryGetProperty("ephemeral", out JsonElement ephemeral) && ephemeral.ValueKind == JsonValueKind.True);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            problem = $"{path} cannot be read: {exception.Message}";
            return default;
        }
    }
}
