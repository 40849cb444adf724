using System.Text;

namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>A mounted cgroup hierarchy.</summary>
/// <param name="Point">Where it is mounted.</param>
/// <param name="Root">Which cgroup is at the mount point, as seen from our cgroup namespace: <c>/</c>, or above it <c>/../..</c>.</param>
/// <param name="Controllers">Of v1: <c>cpu cpuacct</c>, or <c>name=systemd</c>; empty for v2.</param>
internal sealed record CgroupMount(string Point, string Root, string[] Controllers)
{
    public bool IsV2 => Controllers.Length == 0;
}

/// <summary>Reads <c>/proc/self/mountinfo</c> (proc(5)): <c>ID PARENT MAJ:MIN ROOT POINT OPTIONS [TAG...] - TYPE SOURCE SUPEROPTIONS</c>.</summary>
internal static class MountTable
{
    /// <summary>The cgroup mounts at or below a folder, in the order of the file.</summary>
    public static List<CgroupMount> Cgroups(string mountinfo, string below)
    {
        List<CgroupMount> mounts = [];
        string folder = below.TrimEnd('/');
        foreach (string line in mountinfo.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ');
            int dash = Array.IndexOf(words, "-", Math.Min(6, words.Length));
            if (dash < 0 || words.Length < dash + 4) continue;
            string point = Unescape(words[4]);
            if (point != folder && !point.StartsWith(folder + "/", StringComparison.Ordinal)) continue;
            string root = Unescape(words[3]);
            if (words[dash + 1] == "cgroup2") mounts.Add(new(point, root, []));
            else if (words[dash + 1] == "cgroup") mounts.Add(new(point, root, words[dash + 3].Split(',')));
        }

        return mounts;
    }

    /// <summary>Blank, tab, newline and backslash are written as three octal digits.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\')) return text;
        StringBuilder plain = new(text.Length);
        for (int at = 0; at < text.Length; at++)
        {
            bool escape = text[at] == '\\' && at + 3 < text.Length && text.AsSpan(at + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0;
            if (!escape)
            {
                plain.Append(text[at]);
                continue;
            }

            plain.Append((char)(((text[at + 1] - '0') << 6) | ((text[at + 2] - '0') << 3) | (text[at + 3] - '0')));
            at += 3;
        }

        return plain.ToString();
    }
}
