using System.Globalization;
using System.Text;
using CiMetrics.Durable;

namespace CiMetrics.Sidecar.Intake;

/// <summary>
/// The files that were taken and are still there, because the job owns the folder or may still append: remembered in
/// the spool, so that their events are not taken again. A file that is gone is forgotten. What a crash makes it forget
/// is taken again under the same keys.
/// </summary>
internal sealed class SeenFiles
{
    private readonly string _path;
    private readonly Dictionary<string, Seen> _seen;
    private bool _changed;

    /// <summary>Reads what is remembered.</summary>
    /// <param name="path">The file that holds it.</param>
    public SeenFiles(string path)
    {
        _path = path;
        _seen = File.Exists(path)
            ? File.ReadAllLines(path).Select(Seen.Parse).OfType<Seen>().DistinctBy(seen => seen.Path, StringComparer.Ordinal)
                .ToDictionary(seen => seen.Path, StringComparer.Ordinal)
            : [];
    }

    /// <summary>Whether the file was taken as it is now.</summary>
    public bool Contains(JobFile file) => _seen.TryGetValue(file.Path, out Seen? seen) && seen.Identity == file.Identity;

    /// <summary>How many of the file's events were taken already: all that it had before something was appended.</summary>
    public int EventsTaken(JobFile file, ReadOnlySpan<byte> content) =>
        _seen.TryGetValue(file.Path, out Seen? seen)
        && seen.Identity.IsSameFileAs(file.Identity)
        && seen.Identity.Size < content.Length
        && seen.Digest == ContentDigest.Of(content[..(int)seen.Identity.Size])
            ? seen.Events
            : 0;

    /// <summary>Remembers a file.</summary>
    public void Add(JobFile file, ReadOnlySpan<byte> content, int events)
    {
        _seen[file.Path] = new Seen(file.Path, file.Identity, events, ContentDigest.Of(content));
        _changed = true;
    }

    /// <summary>Forgets the files that are not among those present.</summary>
    public void Keep(IReadOnlyCollection<JobFile> present)
    {
        if (_seen.Count == 0) return;
        HashSet<string> paths = present.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        foreach (string path in _seen.Keys.Where(path => !paths.Contains(path)).ToArray())
            _changed |= _seen.Remove(path);
    }

    /// <summary>Makes what changed durable.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save()
    {
        if (!_changed) return;
        AtomicFile.Write(_path, Encoding.UTF8.GetBytes(string.Concat(_seen.Values.Select(seen => seen.ToLine()))));
        _changed = false;
    }

    private sealed record Seen(string Path, FileIdentity Identity, int Events, string Digest)
    {
        // The path last: it may hold blanks. One with a line break is taken again after a restart, under the same keys.
        public string ToLine() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Identity.Device} {Identity.Inode} {Identity.Size} {Identity.ModifiedNanoseconds} {Events} {Digest} {Path}\n");

        public static Seen? Parse(string line)
        {
            string[] parts = line.Split(' ', 7);
            return parts.Length == 7
                && ulong.TryParse(parts[0], CultureInfo.InvariantCulture, out ulong device)
                && ulong.TryParse(parts[1], CultureInfo.InvariantCulture, out ulong inode)
                && long.TryParse(parts[2], CultureInfo.InvariantCulture, out long size)
                && long.TryParse(parts[3], CultureInfo.InvariantCulture, out long modified)
                && int.TryParse(parts[4], CultureInfo.InvariantCulture, out int events)
                    ? new Seen(parts[6], new FileIdentity(device, inode, size, modified, FileKind.File), events, parts[5])
                    : null;
        }
    }
}
