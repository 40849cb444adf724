using System.Globalization;

namespace CiMetrics.Pprof;

/// <summary>Processor time of each thread of this process, as the kernel counts it.</summary>
internal sealed class ThreadTimes
{
    private const long NanosecondsPerTick = 10_000_000;

    private readonly Dictionary<int, long> _ticks;

    private ThreadTimes(Dictionary<int, long> ticks) => _ticks = ticks;

    /// <summary>The threads.</summary>
    public IEnumerable<int> Threads => _ticks.Keys;

    /// <summary>Reads the times now.</summary>
    public static ThreadTimes Read()
    {
        Dictionary<int, long> ticks = [];
        foreach (string path in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                string line = File.ReadAllText(Path.Combine(path, "stat"));
                string[] fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
                ticks[int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture)] =
                    long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // The thread has ended meanwhile.
            }
        }
        return new ThreadTimes(ticks);
    }

    /// <summary>What a thread has used since an earlier reading, in nanoseconds.</summary>
    public long Since(ThreadTimes earlier, int thread) =>
        Math.Max(0, _ticks.GetValueOrDefault(thread) - earlier._ticks.GetValueOrDefault(thread)) * NanosecondsPerTick;
}
