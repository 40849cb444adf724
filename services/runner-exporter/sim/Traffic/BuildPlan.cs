namespace CiMetrics.RunnerExporter.Simulator.Traffic;

/// <summary>What becomes of one automatic build, drawn before it starts.</summary>
internal sealed record BuildPlan
{
    private const long GiB = 1L << 30;

    public required string Name { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>Zero for most builds.</summary>
    public required TimeSpan PauseFor { get; init; }

    public required bool RunsOutOfMemory { get; init; }

    public required int ExitCode { get; init; }

    public required Action<ContainerSettings> Configure { get; init; }

    /// <param name="runner">UUID of the runner.</param>
    /// <param name="kind">Chooses how the CPU limit is set: quota, as the runners do; CPUs; not at all.</param>
    /// <param name="random">Chooses the rest.</param>
    public static BuildPlan Draw(string runner, int kind, Random random)
    {
        double cores = (kind % 3) switch { 0 => 4, 1 => 2, _ => 3 };
        bool outOfMemory = random.Next(12) == 0;
        var load = new Workload
        {
            Cores = cores * (0.2 + (0.3 * random.NextDouble())),
            Swing = 0.3 + (0.6 * random.NextDouble()),
            Phase = random.NextDouble() * Math.Tau,
            ThrottledShare = 0.15 * random.NextDouble(),
            MemoryFloor = 60L << 20,
            MemoryPeak = (long)((0.4 + (2.2 * random.NextDouble())) * GiB),
            MemoryRise = TimeSpan.FromSeconds(10 + (20 * random.NextDouble())),
            Pids = random.Next(6, 60),
            ReceiveRate = random.Next(50_000, 4_000_000),
            SendRate = random.Next(5_000, 300_000),
            ReadRate = random.Next(0, 2_000_000),
            WriteRate = random.Next(100_000, 8_000_000),
        };
        return new BuildPlan
        {
            Name = $"{runner}_{Uuid(random)}_build",
            Duration = TimeSpan.FromSeconds(random.Next(30, 181)),
            PauseFor = random.Next(5) == 0 ? TimeSpan.FromSeconds(random.Next(5, 16)) : TimeSpan.Zero,
            RunsOutOfMemory = outOfMemory,
            ExitCode = outOfMemory ? 137 : random.Next(5) == 0 ? 1 : 0,
            Configure = settings =>
            {
                settings.Memory = 4 * GiB;
                settings.NanoCpus = kind % 3 == 1 ? 2_000_000_000 : 0;
                settings.CpuQuota = kind % 3 == 0 ? 400_000 : 0;
                settings.PidsLimit = kind % 3 == 1 ? 4096 : null;
                settings.Figures = load.At;
            },
        };
    }

    public static string Uuid(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }
}
