using CiMetrics.AlloyRunner.Toml;
using CiMetrics.Durable;

namespace CiMetrics.AlloyRunner.Config;

/// <summary>The observed runner's <c>config.toml</c>. It is read and never written.</summary>
internal static class ConfigFile
{
    private const int LargestFile = 4 << 20;

    /// <summary>Reads it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problem">Why it cannot be used, with line and column where it is no TOML, and no value of it; null where it can.</param>
    public static RunnerConfig? Read(string path, out string? problem)
    {
        TomlTable? table = ReadTable(path, out problem);
        return table is null ? null : RunnerConfig.From(table);
    }

    /// <summary>Reads a TOML file.</summary>
    public static TomlTable? ReadTable(string path, out string? problem)
    {
        problem = null;
        try
        {
            // Opening a pipe waits for its writer, for ever; a device has no end.
            if (FileIdentity.Of(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path) is { Kind: not FileKind.File })
            {
                problem = $"{path} is no regular file";
                return null;
            }
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > LargestFile)
            {
                problem = $"{path} is larger than {LargestFile >> 20} MiB";
                return null;
            }
            byte[] content = new byte[file.Length];
            int length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            return TomlReader.Read(content.AsSpan(0, length));
        }
        catch (TomlException exception)
        {
            problem = $"{path}: {exception.Message}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problem = exception is FileNotFoundException or DirectoryNotFoundException ? $"{path} is not there" : $"{path} cannot be read: {exception.Message}";
        }
        return null;
    }
}
