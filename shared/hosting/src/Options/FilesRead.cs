using System.Security.Cryptography;
using System.Text;

namespace CiMetrics.Hosting;

/// <summary>
/// Reads files and remembers which, to find out later whether they changed. Told apart by content, as Kubernetes and
/// certificate tools replace files in ways that times and inodes do not show.
/// </summary>
/// <param name="folder">The folder that relative paths are relative to.</param>
/// <param name="largest">The most bytes that a file may have, in KiB.</param>
internal sealed class FilesRead(string folder, int largest)
{
    private readonly SortedDictionary<string, byte[]> _seen = new(StringComparer.Ordinal);

    /// <summary>A value that stands for what was read.</summary>
    public string Seen => Fingerprint(_seen.Values);

    /// <summary>The text of a file, or null and the rule that it breaks.</summary>
    public string? Read(string path, out string? rule)
    {
        var full = Path.GetFullPath(path, Path.GetFullPath(folder));
        var text = BoundedFile.Read(full, largest, out rule);
        _seen[full] = Hash(text, rule);
        return text;
    }

    /// <summary>A value that stands for what the same files hold now.</summary>
    public string Now() => Fingerprint(_seen.Keys.Select(path => Hash(BoundedFile.Read(path, largest, out var rule), rule)));

    private static byte[] Hash(string? text, string? rule) => SHA256.HashData(Encoding.UTF8.GetBytes(text ?? "unreadable: " + rule));

    private static string Fingerprint(IEnumerable<byte[]> hashes) => string.Concat(hashes.Select(Convert.ToHexString));
}
