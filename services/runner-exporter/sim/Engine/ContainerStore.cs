using System.Globalization;

namespace CiMetrics.RunnerExporter.Simulator.Engine;

/// <summary>The containers there are. Each change is made and its events are logged under one lock, in order.</summary>
internal sealed class ContainerStore(EngineClock clock, EventLog events, Random random)
{
    /// <summary>Above the kernel's highest PID_MAX_LIMIT (2^22): surely no process of this machine.</summary>
    private const long FirstPid = 4_194_305;

    private readonly Lock _lock = new();
    private readonly List<Container> _containers = [];
    private long _nextPid = FirstPid;

    public string Start(string name, ContainerSettings settings)
    {
        lock (_lock)
        {
            if (_containers.Exists(c => c.Name == name))
                throw new InvalidOperationException($"The container name \"/{name}\" is already in use.");
            var bytes = new byte[32];
            random.NextBytes(bytes);
            var container = new Container(Convert.ToHexStringLower(bytes), name, settings, _nextPid++, clock.Now);
            _containers.Add(container);
            Log("create", container);
            Log("start", container);
            return container.Id;
        }
    }

    public void Finish(string id, int exitCode) => Change(id, container =>
    {
        RequireRunning(container);
        container.Finish(exitCode, clock.Now);
        double lived = (clock.Now - container.StartedAt).TotalSeconds;
        Log("die", container,
            ("execDuration", ((long)lived).ToString(CultureInfo.InvariantCulture)),
            ("exitCode", exitCode.ToString(CultureInfo.InvariantCulture)));
    });

    public void Remove(string id) => Change(id, container =>
    {
        if (container.IsRunning)
            throw new InvalidOperationException($"Container {container.Name} is running: stop it first.");
        _containers.Remove(container);
        Log("destroy", container);
    });

    public void Pause(string id) => Change(id, container =>
    {
        RequireRunning(container);
        if (container.IsPaused)
            throw new InvalidOperationException($"Container {container.Name} is already paused.");
        container.Pause(clock.Now);
        Log("pause", container);
    });

    public void Unpause(string id) => Change(id, container =>
    {
        if (!container.IsPaused)
            throw new InvalidOperationException($"Container {container.Name} is not paused.");
        container.Unpause(clock.Now);
        Log("unpause", container);
    });

    public void OutOfMemory(string id) => Change(id, container =>
    {
        RequireRunning(container);
        container.OomKilled = true;
        Log("oom", container);
    });

    public void Update(string id, Action<ContainerSettings> change) => Change(id, container =>
    {
        change(container.Settings);
        Log("update", container);
    });

    /// <summary>Reads all containers as of one moment, newest first as the engine lists them.</summary>
    public List<T> Select<T>(Func<Container, T> read)
    {
        lock (_lock)
            return [.. Enumerable.Reverse(_containers).Select(read)];
    }

    /// <summary>Reads the container with this ID, name or unique beginning of an ID; false when there is none.</summary>
    public bool TryRead<T>(string reference, Func<Container, T> read, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T result)
    {
        lock (_lock)
        {
            result = default;
            if (Find(reference) is not { } container)
                return false;
            result = read(container);
            return true;
        }
    }

    private void Change(string reference, Action<Container> change)
    {
        lock (_lock)
            change(Find(reference) ?? throw new InvalidOperationException($"No such container: {reference}"));
    }

    private Container? Find(string reference)
    {
        string name = reference.TrimStart('/');
        if (_containers.Find(c => c.Id == reference || c.Name == name) is { } exact)
            return exact;
        var beginning = _containers.FindAll(c => reference.Length > 0 && c.Id.StartsWith(reference, StringComparison.Ordinal));
        return beginning.Count == 1 ? beginning[0] : null;
    }

    private static void RequireRunning(Container container)
    {
        if (!container.IsRunning)
            throw new InvalidOperationException($"Container {container.Name} is not running.");
    }

    private void Log(string action, Container container, params ReadOnlySpan<(string Name, string Value)> more)
    {
        var attributes = new Dictionary<string, string>(container.Settings.Labels, StringComparer.Ordinal)
        {
            ["image"] = container.Settings.Image,
            ["name"] = container.Name,
        };
        foreach (var (name, value) in more)
            attributes[name] = value;
        events.Add(action, container.Id, attributes, clock.Now);
    }
}
