namespace CiMetrics.AlloyRunner.Simulator;

/// <summary>The log of a busy runner with docker machines, rotated now and then, and the files beside it.</summary>
internal sealed class RunnerStory
{
    private const string Token = "simulat0r0123456789";
    private const long RotateAt = 1 << 20;

    private readonly string _folder;
    private readonly string _log;
    private readonly Random _random = new();
    private readonly List<int> _running = [];
    private int _job = 100;
    private int _machine;

    public RunnerStory(string folder)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        _log = Path.Combine(_folder, "runner.log");
        Directory.CreateDirectory(Path.Combine(_folder, "machine", "machines"));
        File.WriteAllText(Path.Combine(_folder, "config.toml"), $"concurrent = 6\n\n[[runners]]\n  name = \"simulated\"\n  token = \"{Token}\"\n  executor = \"docker+machine\"\n  limit = 6\n");
    }

    public async Task RunAsync(CancellationToken stop)
    {
        Write("Starting multi-runner from config.toml ...", "builds=0");
        Write("Configuration loaded", "builds=0");
        while (!stop.IsCancellationRequested)
        {
            if (_running.Count < 6 && _random.Next(3) > 0) Begin();
            else if (_running.Count > 0) End();
            if (_random.Next(20) == 0) Write("WARNING: Checking for jobs... failed", $"runner={Token[..8]} status=couldn't execute POST against http://ci.example.com/: EOF");
            if (new FileInfo(_log).Length > RotateAt) File.Move(_log, _log + ".1", overwrite: true);
            await Task.Delay(_random.Next(200, 2000), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Begin()
    {
        int job = ++_job;
        _running.Add(job);
        Write("Checking for jobs... received", $"job={job} repo_url=http://ci.example.com/group/project.git runner={Token[..8]}");
        string machine = $"runner-{Token[..8]}-auto-{++_machine}";
        Directory.CreateDirectory(Path.Combine(_folder, "machine", "machines", machine));
        Write("Machine created", $"name={machine} now={DateTime.UtcNow:yyyy-MM-dd HH:mm:ss} retries=0 time={20 + (_random.NextDouble() * 60):F3}s");
        Write("Starting docker-machine build...", $"created=x docker=tcp://10.0.0.{_machine % 250}:2376 job={job} name={machine} project=7 runner={Token[..8]} usedcount=1");
    }

    private void End()
    {
        int job = _running[_random.Next(_running.Count)];
        _running.Remove(job);
        string message = _random.Next(10) switch
        {
            0 => "WARNING: Job failed: canceled",
            1 => "WARNING: Job failed: execution took longer than 1h0m0s seconds",
            2 => "ERROR: Job failed (system failure): dial tcp: connection refused",
            3 or 4 => "WARNING: Job failed: exit status 1",
            _ => "Job succeeded",
        };
        Write(message, $"job={job} project=7 runner={Token[..8]}");
        string? machine = Directory.EnumerateDirectories(Path.Combine(_folder, "machine", "machines")).FirstOrDefault();
        if (machine is null) return;
        Directory.Delete(machine);
        Write("Machine removed", $"created=x name={Path.GetFileName(machine)} now=y reason=Too many builds retries=0 used=1s usedCount=1");
    }

    private void Write(string message, string fields) => File.AppendAllText(_log, $"{message,-50}  {fields}\n");
}
