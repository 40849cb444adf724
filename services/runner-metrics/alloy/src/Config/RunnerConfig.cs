using CiMetrics.AlloyRunner.Toml;

namespace CiMetrics.AlloyRunner.Config;

/// <summary>What is used of the observed runner's configuration. Tokens are reduced to the part that the runner's log shows.</summary>
internal sealed record RunnerConfig
{
    /// <summary>The most jobs at a time over all runners; null where it is not set.</summary>
    public long? Concurrent { get; init; }

    /// <summary>Where the runner has its own metrics (<c>metrics_server</c>, <c>listen_address</c>), as written; null: nowhere.</summary>
    public string? MetricsServer { get; init; }

    /// <summary>Where the runner itself is to listen, for its metrics and for its sessions, as written.</summary>
    public IReadOnlyList<string> ListenAddresses { get; init; } = [];

    /// <summary>The runners, in the order of the file.</summary>
    public IReadOnlyList<RunnerEntry> Runners { get; init; } = [];

    /// <summary>Takes what is used out of the file.</summary>
    public static RunnerConfig From(TomlTable file) => new()
    {
        Concurrent = file.TryGet("concurrent", out object? concurrent) && concurrent is long and > 0 ? (long)concurrent : null,
        MetricsServer = new[] { file.Get<string>("metrics_server"), file.Get<string>("listen_address") }.FirstOrDefault(address => address?.Length > 0),
        ListenAddresses =
        [
            .. new[] { file.Get<string>("metrics_server"), file.Get<string>("listen_address"), file.Get<TomlTable>("session_server")?.Get<string>("listen_address") }
                .OfType<string>().Where(address => address.Length > 0),
        ],
        Runners = [.. file.Tables("runners").Take(MostRunners).Select(RunnerEntry.From)],
    };

    /// <summary>Runners beyond these are not looked at.</summary>
    public const int MostRunners = 1000;
}

/// <summary>One <c>[[runners]]</c>.</summary>
/// <param name="ShortToken">The most of the token that a runner's log shows; never the whole.</param>
/// <param name="Name">Its name.</param>
/// <param name="Executor">How it runs jobs: <c>shell</c>, <c>docker</c>, <c>docker+machine</c>, ...</param>
/// <param name="Limit">The most jobs of this runner at a time; 0: only the common limit.</param>
/// <param name="RequestConcurrency">Concurrent requests for jobs.</param>
/// <param name="MachineTemplate">What names of its docker machines are made of (<c>MachineName</c>).</param>
internal sealed record RunnerEntry(
    string ShortToken, string Name, string Executor, long Limit, long RequestConcurrency, string? MachineTemplate)
{
    /// <summary>Takes what is used out of the file.</summary>
    public static RunnerEntry From(TomlTable table) => new(
        RunnerToken.Short(table.Get<string>("token") ?? ""),
        table.Get<string>("name") ?? "",
        table.Get<string>("executor") ?? "",
        Math.Max(0, table.Get<long>("limit")),
        Math.Max(1, table.Get<long>("request_concurrency")),
        table.Get<TomlTable>("machine")?.Get<string>("MachineName"));
}

/// <summary>What a runner's log and its machines show of its token.</summary>
internal static class RunnerToken
{
    private const int ShownLength = 9;

    /// <summary>
    /// The shown part: nine characters, of older runners eight, after the prefix that newer tokens begin with. A token that is no longer than
    /// that has no secret part left, and is not shown at all.
    /// </summary>
    public static string Short(string token)
    {
        string rest = token;
        if (rest.StartsWith("glrt-", StringComparison.Ordinal))
        {
            rest = rest[5..];
            if (rest is ['t', '1' or '2' or '3', '_', .. var typed]) rest = typed;
        }
        return rest.Length > ShownLength ? rest[..ShownLength] : "";
    }
}
