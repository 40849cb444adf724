namespace CiMetrics.GitHubRunner.Simulator;

/// <summary>A runner's work, told as it happens: a job every few seconds, most of which succeed, some with caches.</summary>
public sealed class SimulatedDay(SimulatedRunner runner)
{
    private static readonly string[] Results = ["Succeeded", "Succeeded", "Succeeded", "Succeeded", "Failed", "Canceled"];

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        runner.Start(DateTimeOffset.UtcNow);
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(Random.Shared.Next(1, 5)), stopping);
                SimulatedJob job = new() { Name = "build", Environment = Random.Shared.Next(5) == 0 ? "production" : null, Committed = DateTimeOffset.UtcNow.AddMinutes(-40) };
                runner.Begin(job, DateTimeOffset.UtcNow);
                using (SimulatedStep step = new(runner))
                {
                    bool isHit = Random.Shared.Next(3) > 0;
                    step.Print(
                        "##[group]Run actions/cache@v4", "with:", "  path: ~/.npm", "  key: npm-1", "##[endgroup]",
                        isHit ? "Cache restored from key: npm-1" : "Cache not found for input keys: npm-1");
                    step.Flush();
                    await Task.Delay(TimeSpan.FromSeconds(Random.Shared.Next(1, 10)), stopping);
                    step.Remove();
                }
                runner.End(job, DateTimeOffset.UtcNow, Results[Random.Shared.Next(Results.Length)]);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // It was told to stop.
        }
    }
}
