using System.Text;
using CiMetrics.AlloyRunner.Reading;
using CiMetrics.AlloyRunner.State;
using CiMetrics.RunnerMetrics.Following;
using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Bench;

/// <summary>From a file on disk to the state, on one core: the whole way of a line.</summary>
internal static class FollowTable
{
    private const int Megabytes = 256;
    private const string Esc = "\u001b[0;m";

    public static void Print()
    {
        Console.WriteLine($"Following a log of {Megabytes} MB (in the page cache), by the processor time of the thread that reads. Aim: 200 MB/s, nothing allocated for a line of no interest.");
        Console.WriteLine();
        Console.WriteLine("| lines | MB/s | lines/s | bytes allocated per line |");
        Console.WriteLine("|---|---:|---:|---:|");
        Row("own text, of no interest", i => $"Appending trace to coordinator... none              code=202 job={i} job-log=0-{i} job-status=running runner=shelltok sent-log=0-{i}");
        Row("own text with colours, of no interest", i => $"{Esc}Appending trace to coordinator... none              {Esc}  {Esc}code{Esc}=202 {Esc}job{Esc}={i} {Esc}runner{Esc}=shelltok");
        Row("logrus's text, of no interest", i => $"time=\"2026-01-02T03:04:05Z\" level=info msg=\"Appending trace to coordinator... none\" code=202 job={i} job-log=0-{i} runner=shelltok");
        Row("JSON, of no interest", i => $"{{\"code\":202,\"job\":{i},\"level\":\"info\",\"msg\":\"Appending trace to coordinator... none\",\"runner\":\"shelltok\",\"time\":\"2026-01-02T03:04:05.123456789Z\"}}");
        Row("own text, every line a job that begins or ends", i => i % 2 == 0
            ? $"Checking for jobs... received                       job={i} repo_url=http://ci.example.com/group/project.git runner=shelltok"
            : $"Job succeeded                                       job={i - 1} project=77 runner=shelltok");
        Console.WriteLine();
    }

    private static void Row(string what, Func<int, string> line)
    {
        using TempFolder folder = new();
        string path = folder.PathOf("runner.log");
        using (StreamWriter writer = new(path, append: false, new UTF8Encoding(false), 1 << 20))
        {
            long written = 0;
            for (int i = 1000; written < (long)Megabytes << 20; i++)
            {
                string text = line(i);
                writer.Write(text);
                writer.Write('\n');
                written += text.Length + 1;
            }
        }
        Run(path);
        (TimeSpan time, long lines, long allocated) = Run(path);
        double size = new FileInfo(path).Length / 1e6;
        Console.WriteLine($"| {what} | {size / time.TotalSeconds:n0} | {lines / time.TotalSeconds:n0} | {(double)allocated / lines:n2} |");
    }

    private static (TimeSpan Time, long Lines, long Allocated) Run(string path)
    {
        using LogFollower follower = new(path);
        RunnerState state = new(new RunnerImage(), TimeProvider.System);
        LineIntake intake = new(TimeProvider.System);
        LineHandler handler = (line, _) => intake.Take(state, line, isLive: false);
        long before = GC.GetAllocatedBytesForCurrentThread();
        TimeSpan begun = Ran();
        do follower.Read(handler);
        while (follower.IsBehind);
        TimeSpan time = Ran() - begun;
        return (time, follower.Counts.Lines, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // Others may have the processor for most of the time: what the scheduler gave this thread, in nanoseconds.
    private static TimeSpan Ran() => TimeSpan.FromMicroseconds(long.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0]) / 1000d);
}
