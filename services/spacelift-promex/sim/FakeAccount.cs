namespace CiMetrics.Spacelift.Simulator;

/// <summary>A stack of the simulated account.</summary>
public sealed record FakeStack(string Id, string Name, string Space, string State, int Ok = 0, int Drifted = 0, string? LockedBy = null, long StateSetAt = 1_700_000_000);

/// <summary>A worker pool of the simulated account.</summary>
public sealed record FakePool(string Id, string Name, int Pending, int Busy, int Workers, int Drained);

/// <summary>What the simulated account holds. Replace it at any time.</summary>
public sealed record FakeAccount
{
    /// <summary>The stacks, with their resources.</summary>
    public IReadOnlyList<FakeStack> Stacks { get; init; } =
    [
        new("infrastructure-prod", "infrastructure-prod", "root", "FINISHED", Ok: 45, Drifted: 2),
        new("infrastructure-staging", "infrastructure-staging", "root", "FINISHED"),
        new("application-api", "application-api", "engineering", "FINISHED", Ok: 23),
    ];

    /// <summary>The account's own pools.</summary>
    public IReadOnlyList<FakePool> Pools { get; init; } = [new("01HXPOOL1", "linux-large", 3, 2, 5, 1), new("01HXPOOL2", "windows", 0, 0, 2, 0)];

    /// <summary>Runs that wait for a public worker, and workers that are busy.</summary>
    public (int Pending, int Busy, int Parallelism) Public { get; init; } = (4, 6, 10);

    /// <summary>Minutes of private and public workers, and seats.</summary>
    public (double Private, double Public, int Seats) Used { get; init; } = (120, 90.5, 7);

    /// <summary>The billing period in unix seconds.</summary>
    public (long Start, long End) Period { get; init; } = (1_700_000_000, 1_702_592_000);

    /// <summary>Average and median run in nanoseconds.</summary>
    public (double Average, double Median) Runs { get; init; } = (95_000_000_000, 61_500_000_000);

    /// <summary>An account of many stacks in twenty spaces.</summary>
    public static FakeAccount Large(int stacks, int entities) => new()
    {
        Stacks =
        [
            .. Enumerable.Range(0, stacks).Select(i => new FakeStack(
                $"stack-{i}", $"stack-{i}", $"space-{i % 20}", i % 7 == 0 ? "UNCONFIRMED" : "FINISHED",
                Ok: entities / stacks - (i % 3 == 0 ? 1 : 0), Drifted: i % 3 == 0 ? 1 : 0)),
        ],
    };
}
