namespace CiMetrics.GitHubRunner.Hooks;

/// <summary>
/// The scripts that the runner runs around a job. They write one small file and never fail: what is wrong with the spool
/// must not be noticed by a job.
/// </summary>
internal static class HookScripts
{
    /// <summary>Where scripts and spool are, below the runner's folder.</summary>
    public const string Folder = "metrics-hooks";

    /// <summary>The folder of events, below <see cref="Folder"/>.</summary>
    public const string Spool = "spool";

    /// <summary>How names of events end.</summary>
    public const string EventSuffix = ".event";

    /// <summary>The two events: the script's name, and the variable that tells the runner of it.</summary>
    public static readonly IReadOnlyList<(string Event, string Variable)> All =
    [
        ("started", "ACTIONS_RUNNER_HOOK_JOB_STARTED"),
        ("completed", "ACTIONS_RUNNER_HOOK_JOB_COMPLETED"),
    ];

    /// <summary>The path of an event's script.</summary>
    public static string PathOf(string runner, string name) => Path.Combine(runner, Folder, $"job-{name}.sh");

    /// <summary>The path of a runner's spool.</summary>
    public static string SpoolOf(string runner) => Path.Combine(runner, Folder, Spool);

    /// <summary>The text of an event's script.</summary>
    public static string Text(string name, string spool) =>
        $$"""
        #!/usr/bin/env bash
        # Tells github-runner-metrics that a job has {{name}}. It writes one file and never fails the job:
        # whatever goes wrong, it ends with 0, after five seconds at the latest.
        set +e
        if [ "$1" != write ]; then
          if command -v timeout >/dev/null 2>&1; then timeout 5 bash "$0" write; else bash "$0" write; fi
          exit 0
        fi
        exec >/dev/null 2>&1
        spool={{Quoted(spool)}}
        # Nobody has taken events for long: no more of them.
        set -- "$spool"/*{{EventSuffix}}
        [ $# -ge 5000 ] && exit 0
        now=${EPOCHREALTIME:-$(date +%s)}
        name="$now-$$-{{name}}"
        umask 022
        printf '%s\n' "event={{name}}" "time=$now" "run_id=$GITHUB_RUN_ID" "run_attempt=$GITHUB_RUN_ATTEMPT" \
          "repository=${GITHUB_REPOSITORY:0:255}" "api_url=${GITHUB_API_URL:0:255}" "job=${GITHUB_JOB:0:255}" >"$spool/.$name.tmp" \
          && mv "$spool/.$name.tmp" "$spool/$name{{EventSuffix}}"
        exit 0

        """;

    private static string Quoted(string path) => "'" + path.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
