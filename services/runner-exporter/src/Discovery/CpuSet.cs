using System.Globalization;

namespace CiMetrics.RunnerExporter.Discovery;

/// <summary>The kernel's CPU lists: <c>0-3,7</c>.</summary>
internal static class CpuSet
{
    private const int HighestCpu = 8191;

    /// <summary>How many different CPUs a list names; null when it is empty or not a list.</summary>
    public static int? Count(string? list)
    {
        if (string.IsNullOrWhiteSpace(list)) return null;
        HashSet<int> cpus = [];
        foreach (string range in list.Split(','))
        {
            string[] ends = range.Split('-');
            if (ends.Length > 2 || !TryCpu(ends[0], out int first) || !TryCpu(ends[^1], out int last) || last < first) return null;
            cpus.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return cpus.Count;
    }

    private static bool TryCpu(string text, out int cpu) =>
        int.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out cpu) && cpu <= HighestCpu;
}
