using System.Net;
using CiMetrics.Exposition;
using CiMetrics.GitHubRunner.Hooks;
using CiMetrics.GitHubRunner.Rest;
using CiMetrics.GitHubRunner.State;
using CiMetrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace CiMetrics.GitHubRunner.Tests.Rest;

/// <summary>What asks GitHub, a GitHub to ask, and a clock that the test moves.</summary>
internal sealed class ApiStory : IAsyncDisposable
{
    public const string Runner = "r";

    private readonly RestSource _rest;
    private long _run = 100;

    public ApiStory(Func<string, WebHeaderCollection, (int Status, string Body)> answer, long callsPerHour = 1000, FleetRules? rules = null, TimeSpan patience = default)
    {
        Server = new FakeGitHub(answer);
        Rules = (rules ?? new FleetRules()) with { Runners = TextSet.Of(Runner), HasApi = true, AsksApi = true };
        Monitor = new FleetMonitor(new FleetState(new FleetImage(), Rules, Time));
        _rest = new RestSource(
            new ApiClient(new Uri(Server.Url), () => "token-1"), patience, new CallBudget(callsPerHour, Time), Monitor, Exposition.Metrics.WithCustomRegistry(new CollectorRegistry()), Time, NullLogger.Instance);
    }

    public FakeGitHub Server { get; }

    public FleetRules Rules { get; }

    public FleetMonitor Monitor { get; }

    public ManualTime Time { get; } = new(Story.Start);

    public FleetSnapshot Now => Monitor.Snapshot;

    public long Jobs => Now.Runners.Single().Jobs.Sum();

    /// <summary>A job that the log tells of from beginning to end.</summary>
    public JobIdentity Log(JobIdentity? identity = null)
    {
        identity ??= new JobIdentity { RunId = ++_run, Name = "build", Repository = "o/a", Workflow = "CI" };
        Guid job = Guid.NewGuid();
        Apply(
            new Fact.Received(Runner, job, Time.GetUtcNow()), new Fact.Described(Runner, job, identity, Time.GetUtcNow()),
            new Fact.Finished(Runner, job, JobResult.Success, Time.GetUtcNow()));
        return identity;
    }

    /// <summary>A hook's event, as its file tells of it.</summary>
    public void Hook(string name, long run, string? apiUrl = null) => Apply(HookEvent.Read(
        Runner, $"event={name}\ntime={Time.GetUtcNow().ToUnixTimeSeconds()}\nrun_id={run}\nrun_attempt=1\nrepository=o/a\napi_url={apiUrl}\njob=build\n")!);

    public void Apply(params Fact[] facts) => Monitor.Write(state =>
    {
        foreach (Fact fact in facts) state.Apply(fact);
        return true;
    });

    /// <summary>Lets time pass, in which it may ask once each second.</summary>
    public async Task WaitAsync(double seconds)
    {
        for (double passed = 0; passed < seconds; passed++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            Monitor.Write(state =>
            {
                state.Tick();
                return true;
            });
            await _rest.StepAsync(CancellationToken.None);
        }
    }

    /// <summary>A job in an answer of GitHub's.</summary>
    public string Job(long run, long id, string status = "completed", string runner = Runner, string conclusion = "success")
    {
        DateTimeOffset now = Time.GetUtcNow();
        return $$"""
            {"id": {{id}}, "run_id": {{run}}, "run_attempt": 1, "name": "build", "status": "{{status}}", "conclusion": {{(status == "completed" ? $"\"{conclusion}\"" : "null")}}, "runner_name": "{{runner}}",
             "created_at": "{{now.AddSeconds(-90):O}}", "started_at": "{{now.AddSeconds(-60):O}}", "completed_at": {{(status == "completed" ? $"\"{now:O}\"" : "null")}}}
            """;
    }

    public async ValueTask DisposeAsync()
    {
        _rest.Dispose();
        await Server.DisposeAsync();
    }
}
