using System.Globalization;

namespace CiMetrics.Testing;

/// <summary>
/// A real PostgreSQL of the test's own, on loopback, in a temp folder. It refuses to run as root: then it runs as
/// <c>nobody</c>.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const int Nobody = 65534;

    private readonly TempFolder _folder = new();
    private readonly string _programs;
    private readonly int _port = FreePort.Next();
    private ServiceProcess? _process;

    private PostgresServer(string programs) => _programs = programs;

    /// <summary>Its address as a URL.</summary>
    public string Url => $"postgres://postgres@127.0.0.1:{_port}/postgres";

    /// <summary>The server's log so far.</summary>
    public IReadOnlyList<string> Log => _process?.Log ?? [];

    private string Data => _folder.PathOf("data");

    /// <summary>Makes a database and starts its server.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        PostgresServer server = new(Programs());
        try
        {
            await server.InitializeAsync();
            await server.LaunchAsync();
            return server;
        }
        catch
        {
            TestContext.Out.WriteLine(string.Join('\n', server.Log));
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it (again) and waits until it answers.</summary>
    public async Task LaunchAsync()
    {
        // Children of a server that was killed may hold its memory for a moment longer: it refuses to start until then.
        await Eventually.TrueAsync(
            async () =>
            {
                if (_process is null or { HasExited: true })
                {
                    if (_process is not null) await _process.DisposeAsync();
                    _process = ServiceProcess.Start(
                        Command("postgres", out string[] prefix),
                        [.. prefix, "-D", Data, "-k", Data, "-h", "127.0.0.1", "-p", $"{_port}", "-c", "max_connections=40", "-c", "shared_buffers=16MB"]);
                }

                string ready = Command("pg_isready", out string[] before);
                return (await ServiceProcess.RunAsync(ready, [.. before, "-h", "127.0.0.1", "-p", $"{_port}", "-q"])).ExitCode == 0;
            },
            "PostgreSQL to answer");
    }

    /// <summary>A crash: SIGKILL of the server; its children notice and end.</summary>
    public async Task KillAsync()
    {
        Signals.Send(Pid, Signals.Kill);
        await _process!.WaitForExitAsync();
    }

    /// <summary>A hang: SIGSTOP of the server and all its children. Connections are taken, and nothing is answered.</summary>
    public void Freeze()
    {
        Signals.Send(Pid, Signals.Stop);
        foreach (int child in Children()) Signals.TrySend(child, Signals.Stop);
    }

    /// <summary>Lets it go on.</summary>
    public void Thaw()
    {
        foreach (int child in Children()) Signals.TrySend(child, Signals.Continue);
        Signals.TrySend(Pid, Signals.Continue);
    }

    /// <summary>Runs a statement and gives what psql prints of its rows.</summary>
    public async Task<string> QueryAsync(string sql)
    {
        string psql = Command("psql", out string[] prefix);
        (int exitCode, string output) = await ServiceProcess.RunAsync(psql, [.. prefix, "-h", "127.0.0.1", "-p", $"{_port}", "-U", "postgres", "-X", "-A", "-t", "-c", sql]);
        return exitCode == 0 ? output.Trim() : throw new AssertionException(output);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            // Fast shutdown; SIGKILL would leave children for a moment, and their files.
            Signals.TrySend(Pid, Signals.Interrupt);
            try
            {
                await _process.WaitForExitAsync();
            }
            catch (AssertionException exception)
            {
                TestContext.Out.WriteLine(exception.Message);
            }
        }

        if (_process is not null) await _process.DisposeAsync();
        _folder.Dispose();
    }

    // Through setpriv the process is the server itself: setpriv replaces itself by it, and so does env.
    private int Pid => _process!.Pid;

    private IEnumerable<int> Children() =>
        File.ReadAllText($"/proc/{Pid}/task/{Pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pid => int.Parse(pid, CultureInfo.InvariantCulture));

    private static string Programs()
    {
        string? newest = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin")).Where(folder => File.Exists(Path.Combine(folder, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
            : null;
        if (newest is null) Requires.Missing("PostgreSQL is not installed: apt-get install postgresql");
        return newest ?? "";
    }

    private async Task InitializeAsync()
    {
        if (Requires.IsRoot)
        {
            (int changed, string problem) = await ServiceProcess.RunAsync("/bin/chown", [$"{Nobody}", _folder.Path]);
            Assert.That(changed, Is.Zero, problem);
        }

        string program = Command("initdb", out string[] prefix);
        (int exitCode, string output) = await ServiceProcess.RunAsync(
            program, [.. prefix, "-D", Data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"], patience: TimeSpan.FromSeconds(120));
        Assert.That(exitCode, Is.Zero, output);
    }

    private string Command(string program, out string[] prefix)
    {
        string path = Path.Combine(_programs, program);
        prefix = [];
        if (!Requires.IsRoot) return path;
        prefix = [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", path];
        return Requires.Program("setpriv", "util-linux");
    }
}
