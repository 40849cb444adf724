namespace CiMetrics.RunnerExporter.Simulator;

/// <summary>
/// A load whose figures follow from the active time alone: rates swing around their means, and the cumulative
/// figures are the exact integrals, so that they never fall, however often they are read.
/// </summary>
public sealed record Workload
{
    /// <summary>Mean CPU use in cores.</summary>
    public double Cores { get; init; } = 0.5;

    /// <summary>How far rates swing, as a share of the mean: 0 (constant) to 1.</summary>
    public double Swing { get; init; }

    /// <summary>Shifts the swings of this load against those of others, in radians.</summary>
    public double Phase { get; init; }

    /// <summary>Share of CPU periods that were throttled.</summary>
    public double ThrottledShare { get; init; }

    /// <summary>Bytes at the start.</summary>
    public long MemoryFloor { get; init; } = 64L << 20;

    /// <summary>Bytes that memory nears with time.</summary>
    public long MemoryPeak { get; init; } = 256L << 20;

    /// <summary>Time in which memory covers two thirds of the way to its peak.</summary>
    public TimeSpan MemoryRise { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Mean of processes and threads.</summary>
    public int Pids { get; init; } = 8;

    /// <summary>Mean bytes a second.</summary>
    public double ReceiveRate { get; init; } = 200_000;

    /// <summary>Mean bytes a second.</summary>
    public double SendRate { get; init; } = 20_000;

    /// <summary>Mean bytes a second.</summary>
    public double ReadRate { get; init; } = 50_000;

    /// <summary>Mean bytes a second.</summary>
    public double WriteRate { get; init; } = 400_000;

    /// <summary>The figures after so much active time.</summary>
    public ContainerFigures At(TimeSpan active)
    {
        double seconds = Math.Max(0, active.TotalSeconds);
        double cpu = Total(Cores, seconds, period: 23) * 1e9;
        double risen = 1 - Math.Exp(-seconds / MemoryRise.TotalSeconds);
        double ripple = 1 + (0.08 * Swing * Math.Sin((seconds / 5) + Phase));
        double memory = MemoryFloor + ((MemoryPeak - MemoryFloor) * risen * ripple);
        double periods = Math.Floor(seconds * 10);
        return new ContainerFigures
        {
            CpuNanoseconds = (long)cpu,
            CpuKernelNanoseconds = (long)(cpu / 8),
            CpuPeriods = (long)periods,
            ThrottledPeriods = (long)(periods * ThrottledShare),
            ThrottledNanoseconds = (long)(periods * ThrottledShare) * 30_000_000,
            MemoryBytes = (long)memory,
            InactiveFileBytes = (long)(memory * 0.25 * risen),
            Pids = Math.Max(1, (long)Math.Round(Pids * (1 + (Swing * Math.Sin((seconds / 3) + Phase))))),
            ReceivedBytes = (long)Total(ReceiveRate, seconds, period: 31),
            SentBytes = (long)Total(SendRate, seconds, period: 29),
            ReadBytes = (long)Total(ReadRate, seconds, period: 37) & ~4095L,
            WrittenBytes = (long)Total(WriteRate, seconds, period: 19) & ~4095L,
        };
    }

    /// <summary>The integral of <c>mean * (1 + Swing * sin(2 pi t / period + Phase))</c> from 0.</summary>
    private double Total(double mean, double seconds, double period)
    {
        double speed = 2 * Math.PI / period;
        return mean * (seconds + (Swing / speed * (Math.Cos(Phase) - Math.Cos((speed * seconds) + Phase))));
    }
}
