using System.Net;
using System.Text;
using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.EndToEnd;

/// <summary>GitHub's API where no webhook tells of jobs, played by a server on loopback.</summary>
[NonParallelizable]
public sealed class ApiTests
{
    [Test]
    public async Task A_finished_job_is_asked_about_once_and_its_wait_is_known_then()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("r"), "r");
        DateTimeOffset now = DateTimeOffset.UtcNow;
        SimulatedJob job = new(), other = new() { RunId = 5, Name = "other" };
        string answer = $$"""{"jobs": [{{Payload.Job(job, "completed", "r", "success", now.AddSeconds(-40), now.AddSeconds(-20), now)}}, {{Payload.Job(other, "completed", "elsewhere", "failure", now, now, now)}}]}""";
        await using ApiServer api = new(_ => (200, answer));
        await using ExporterProcess exporter = await StartAsync(folder, runner, api);
        runner.Start(now.AddSeconds(-60));
        runner.Run(job, now.AddSeconds(-20), now);
        await exporter.UntilAsync("github_runner_queue_time_seconds_count", 1);
        ScrapedText scrape = await exporter.ScrapeAsync();
        Assert.That(scrape.Value("github_runner_queue_time_seconds_sum", ("source", "created_at")), Is.EqualTo(20));
        Assert.That(scrape.All("github_runner_jobs_total").Sum(sample => sample.Value), Is.EqualTo(1));
        await Task.Delay(2500);
        Assert.That(api.Requests, Is.EqualTo(new[] { $"/repos/octo/app/actions/runs/{job.RunId}/attempts/1/jobs?per_page=100 Bearer token-1" }));
        Assert.That(string.Join('\n', exporter.Log) + scrape.Text, Does.Not.Contain("token-1"));
    }

    [Test]
    public async Task Where_GitHub_asks_for_a_pause_no_more_calls_are_made_and_jobs_are_counted_all_the_same()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("r"), "r");
        await using ApiServer api = new(response =>
        {
            response.Headers["Retry-After"] = "3600";
            return (429, "{}");
        });
        await using ExporterProcess exporter = await StartAsync(folder, runner, api);
        runner.Start(DateTimeOffset.UtcNow);
        for (int i = 0; i < 5; i++) runner.Run(new SimulatedJob(), DateTimeOffset.UtcNow, DateTimeOffset.UtcNow);
        await exporter.UntilAsync("github_runner_api_calls_total", 1, ("result", "limited"));
        await Task.Delay(2500);
        Assert.That(api.Requests, Has.Count.EqualTo(1));
        Assert.That((await exporter.ScrapeAsync()).Value("github_runner_jobs_total", ("status", "success")), Is.EqualTo(5));
    }

    private static Task<ExporterProcess> StartAsync(TempFolder folder, SimulatedRunner runner, ApiServer api) => ExporterProcess.StartAsync(
        folder, hasWebhook: false, "--runner-dir", runner.Folder, "--github-token-file", folder.Write("token", "token-1\n"), "--github-api-url", api.Url);

    private sealed class ApiServer : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly List<string> _requests = [];
        private readonly Task _loop;

        public ApiServer(Func<HttpListenerResponse, (int Status, string Body)> answer)
        {
            Url = $"http://127.0.0.1:{FreePort.Next()}/";
            _listener.Prefixes.Add(Url);
            _listener.Start();
            _loop = Task.Run(async () =>
            {
                while (_listener.IsListening)
                {
                    HttpListenerContext context;
                    try
                    {
                        context = await _listener.GetContextAsync();
                    }
                    catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
                    {
                        return;
                    }
                    lock (_requests) _requests.Add($"{context.Request.RawUrl} {context.Request.Headers["Authorization"]}");
                    (context.Response.StatusCode, string body) = answer(context.Response);
                    await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
                    context.Response.Close();
                }
            });
        }

        public string Url { get; }

        public IReadOnlyList<string> Requests
        {
            get
            {
                lock (_requests) return [.. _requests];
            }
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Close();
            await _loop;
        }
    }
}
