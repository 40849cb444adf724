using System.Diagnostics;

namespace CiMetrics.DevRun;

/// <summary>One <c>./build.sh run</c>: builds, starts, prints the table, waits, stops.</summary>
internal sealed class Run(string root, string work)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly List<Child> _services = [];
    private readonly List<Child> _simulators = [];
    private readonly Dictionary<string, int> _ports = new(StringComparer.Ordinal);

    /// <summary>Runs until <paramref name="stop"/>; 0 when stopped, 1 when a build failed or every service ended by itself.</summary>
    public async Task<int> ExecuteAsync(CancellationToken stop)
    {
        IReadOnlyList<ServiceManifest> services = ServiceManifest.FindAll(root);
        Ports ports = new(services.Where(service => service.Port is not null).Select(service => service.Port!.Value).Append(Monitoring.DefaultPort));
        List<Row> rows = [];
        try
        {
            foreach (ServiceManifest service in services)
            {
                Source source = Source.Find(service.Source);
                string program = await BuildAsync(service, "src", stop);
                string? simulator = source.IsReal ? null : await BuildAsync(service, "sim", stop);
                rows.Add(Start(service, source, ports, program, simulator));
            }

            if (Monitoring.FindProgram() is { } prometheus) rows.Add(StartPrometheus(prometheus, services, ports));
            foreach (Row row in rows) await row.WaitUntilHealthyAsync(stop);
            Row.PrintTable(rows);
            return await WaitAsync(rows, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (BuildFailedException exception)
        {
            Child.Print("devrun", exception.Message);
            return 1;
        }
        finally
        {
            // Services before their simulators: else each would report that its source went away.
            await Task.WhenAll(_services.Select(child => child.StopAsync(Patience)));
            await Task.WhenAll(_simulators.Select(child => child.StopAsync(Patience)));
            foreach (Child child in _services.Concat(_simulators)) child.Dispose();
        }
    }

    private Row Start(ServiceManifest service, Source source, Ports ports, string program, string? simulator)
    {
        int port = 0;
        if (service.Port is { } wanted)
        {
            (port, string? reason) = ports.Choose(wanted);
            if (reason is not null) Child.Print(service.Command, reason);
        }

        _ports[service.Command] = port;
        int simulatorPort = simulator is not null && service.Simulator.Port is { } own ? ports.Choose(own).Port : 0;
        string folder = Path.Combine(work, service.Command);
        Directory.CreateDirectory(folder);
        string Fill(string text) => _ports.Aggregate(
            text.Replace("{port}", $"{port}", StringComparison.Ordinal).Replace("{simulator-port}", $"{simulatorPort}", StringComparison.Ordinal).Replace("{work}", folder, StringComparison.Ordinal),
            (filled, other) => filled.Replace($"{{port:{other.Key}}}", $"{other.Value}", StringComparison.Ordinal));

        Dictionary<string, string> environment = new(StringComparer.Ordinal);
        if (simulator is not null)
        {
            foreach ((string key, string value) in service.Simulator.Environment) environment[key] = Fill(value);
            _simulators.Add(Child.Start($"{service.Command} sim", simulator, service.Simulator.Arguments.Select(Fill), environment));
        }

        Child child = Child.Start(service.Command, program, service.Arguments.Select(Fill), environment);
        _services.Add(child);
        return new Row(service.Command, port == 0 ? null : new Uri($"http://localhost:{port}/"), source.Description, child);
    }

    private Row StartPrometheus(string program, IEnumerable<ServiceManifest> services, Ports ports)
    {
        (int port, string? reason) = ports.Choose(Monitoring.DefaultPort);
        if (reason is not null) Child.Print("prometheus", reason);
        string folder = Path.Combine(work, "prometheus");
        Directory.CreateDirectory(folder);
        Dictionary<int, int> chosen = services.Where(service => service.Port is not null).ToDictionary(service => service.Port!.Value, service => _ports[service.Command]);
        Row row = Monitoring.Start(program, port, chosen, root, folder);
        _services.Add(row.Service);
        return row;
    }

    private async Task<string> BuildAsync(ServiceManifest service, string part, CancellationToken stop)
    {
        string project = Directory.EnumerateFiles(Path.Combine(service.Folder, part), "*.csproj").Single();
        Child.Print("devrun", $"building {Path.GetRelativePath(root, project)}");
        ProcessStartInfo start = new("dotnet", ["build", project, "-c", "Release", "-v", "quiet", "-nologo", "-tl:off"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using Process build = Process.Start(start)!;
        string output;
        try
        {
            output = await build.StandardOutput.ReadToEndAsync(stop);
            await build.WaitForExitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            build.Kill(entireProcessTree: true);
            throw;
        }

        if (build.ExitCode != 0) throw new BuildFailedException($"{project} does not build:\n{output}");
        string name = part == "src" ? service.Command : Path.GetFileNameWithoutExtension(project);
        return Path.Combine(service.Folder, part, "bin", "Release", "net10.0", name);
    }

    private static async Task<int> WaitAsync(List<Row> rows, CancellationToken stop)
    {
        List<Row> running = [.. rows];
        while (running.Count > 0)
        {
            await Task.WhenAny(running.Select(row => row.Service.WaitAsync(stop)));
            stop.ThrowIfCancellationRequested();
            foreach (Row ended in running.Where(row => row.Service.HasExited).ToArray())
            {
                Child.Print(ended.Name, ended.Service.Outcome);
                running.Remove(ended);
            }
        }

        return 1;
    }

    private sealed class BuildFailedException(string message) : Exception(message);
}
