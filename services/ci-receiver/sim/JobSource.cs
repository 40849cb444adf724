using System.Globalization;
using System.Net.Http.Json;

namespace CiMetrics.Receiver.Simulator;

/// <summary>
/// Jobs of a few templates in a few projects that end now and then: most succeed, some are reported twice, and some are
/// reported as badly as scripts do.
/// </summary>
internal sealed class JobSource(Uri receiver)
{
    private static readonly string[] Names = ["dotnet_build", "dotnet test 1/3", "dotnet test 2/3", "helm restore", "docker build: [linux, amd64]", "deploy"];
    private static readonly string[] Projects = ["shop/web", "shop/api", "tools/ci", "data/import"];
    private readonly Random _random = new();

    /// <summary>Reports jobs until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(10) };
        try
        {
            while (true)
            {
                Dictionary<string, string> job = Next();
                for (int delivery = _random.Next(20) == 0 ? 2 : 1; delivery > 0; delivery--) await SendAsync(client, job, stop);
                await Task.Delay(_random.Next(200, 1500), stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    private async Task SendAsync(HttpClient client, Dictionary<string, string> job, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                using HttpResponseMessage answer = await client.PostAsJsonAsync(receiver, job, stop);
                if ((int)answer.StatusCode < 500) return;
            }
            catch (HttpRequestException)
            {
                // The receiver starts after its simulator.
            }

            await Task.Delay(500, stop);
        }
    }

    private Dictionary<string, string> Next()
    {
        DateTimeOffset finished = DateTimeOffset.UtcNow;
        DateTimeOffset started = finished.AddSeconds(-Math.Exp((_random.NextDouble() * 5) + 2.5));
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["id"] = Guid.NewGuid().ToString(),
            ["name"] = Names[_random.Next(Names.Length)],
            ["project"] = Projects[_random.Next(Projects.Length)],
            ["status"] = _random.Next(12) switch { 0 => "failed", 1 => "canceled", 2 => _random.Next(5) == 0 ? "CI_JOB_STATUS" : "success", _ => "success" },
            ["started"] = started.ToString("O", CultureInfo.InvariantCulture),
            ["finished"] = finished.ToString("O", CultureInfo.InvariantCulture),
        };
    }
}
