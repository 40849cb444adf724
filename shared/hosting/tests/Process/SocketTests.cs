using System.Net;
using System.Net.Sockets;
using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

/// <summary>Unix sockets, sockets from systemd, and what systemd is told.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class SocketTests
{
    // systemd is not needed to be one's parent: the sockets are passed on as it does, in descriptors from 3 on.
    private const string Parent = """
        import os, socket, sys
        sockets = []
        for address in sys.argv[1].split(','):
            if address.startswith('/'):
                s = socket.socket(socket.AF_UNIX)
                s.bind(address)
            else:
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if address == 'udp' else socket.SOCK_STREAM)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(('127.0.0.1', 0 if address == 'udp' else int(address)))
            if address != 'udp':
                s.listen(16)
            sockets.append(s)
        child = os.fork()
        while child and sys.argv[2] == 'again' and os.waitpid(child, 0)[1] == 0:
            # As systemd does: the socket stays open while the service is down.
            print('one run has ended', flush=True)
            sys.stdin.readline()
            sys.argv[2] = 'once'
            child = os.fork()
        if child:
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        kept = [os.dup2(s.fileno(), 100 + i) for i, s in enumerate(sockets)]
        for i, fd in enumerate(kept):
            os.dup2(fd, 3 + i)
        os.environ['LISTEN_PID'] = str(os.getpid())
        os.environ['LISTEN_FDS'] = str(len(kept))
        os.environ['LISTEN_FDNAMES'] = ':'.join('name%d' % i for i in range(len(kept)))
        os.execv(sys.argv[3], sys.argv[3:])
        """;

    [Test]
    public async Task A_Unix_socket_is_for_owner_and_group_and_gone_at_the_end()
    {
        using var folder = new TempFolder();
        var path = folder.PathOf("s.sock");
        var port = FreePort.Next();
        await using var process = await StartAsync("--web.listen-address", "unix:" + path, "--web.listen-address", $"127.0.0.1:{port}");
        Assert.That(File.GetUnixFileMode(path), Is.EqualTo(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite));
        using var client = ClientOf(path);
        Assert.That(await client.GetStringAsync(new Uri("/metrics", UriKind.Relative)), Does.Contain("sample_workers{"));
        using var tcp = new HttpClient();
        Assert.That(await tcp.GetStringAsync(new Uri($"http://127.0.0.1:{port}/health")), Is.EqualTo("OK\n"));
        Assert.That(await Sample.RunAsync("healthcheck", "--web.listen-address", "unix:" + path), Is.EqualTo((0, "")));

        process.Signal(Signals.Terminate);
        Assert.That(await process.WaitForExitAsync(), Is.Zero);
        Assert.That(File.Exists(path), Is.False);
        var (exitCode, output) = await Sample.RunAsync("healthcheck", "--web.listen-address", "unix:" + path);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.StartWith($"unhealthy: unix:{path}: "));
    }

    [Test]
    public async Task A_Unix_socket_speaks_TLS_as_the_others_do()
    {
        using var folder = new TempFolder();
        using var authority = new TestAuthority("hosting");
        authority.Issue("server.test").WriteTo(folder, "server");
        var path = folder.PathOf("s.sock");
        string[] arguments = ["--web.listen-address", "unix:" + path, "--web.config.file", folder.Write("web.yml", TlsSample.Tls)];
        await using var process = await StartAsync(arguments);
        using var plain = ClientOf(path);
        Assert.That(async () => await plain.GetStringAsync(new Uri("/metrics", UriKind.Relative)), Throws.InstanceOf<HttpRequestException>());
        Assert.That(await Sample.RunAsync(["healthcheck", .. arguments]), Is.EqualTo((0, "")));
    }

    [Test]
    public async Task A_socket_left_by_one_that_was_killed_is_replaced()
    {
        using var folder = new TempFolder();
        var path = folder.PathOf("s.sock");
        await using (var killed = await StartAsync("--web.listen-address", "unix:" + path))
        {
            killed.Signal(Signals.Kill);
            await killed.WaitForExitAsync();
        }
        Assert.That(File.Exists(path), Is.True);
        await using var process = await StartAsync("--web.listen-address", "unix:" + path);
        using var client = ClientOf(path);
        Assert.That(await client.GetStringAsync(new Uri("/health", UriKind.Relative)), Is.EqualTo("OK\n"));
    }

    [Test]
    public async Task A_socket_in_use_stays()
    {
        using var folder = new TempFolder();
        var path = folder.PathOf("s.sock");
        await using var process = await StartAsync("--web.listen-address", "unix:" + path);
        await RefusedAsync("unix:" + path, $"cannot listen on unix:{path}: the socket is in use; stop the program that has it");
        using var client = ClientOf(path);
        Assert.That(await client.GetStringAsync(new Uri("/health", UriKind.Relative)), Is.EqualTo("OK\n"));
    }

    [Test]
    public async Task A_file_that_is_not_a_socket_stays()
    {
        using var folder = new TempFolder();
        var file = folder.Write("notes", "precious");
        await RefusedAsync("unix:" + file, "there is a file of that name that is not a socket");
        Assert.That(await File.ReadAllTextAsync(file), Is.EqualTo("precious"));
        var link = folder.PathOf("link");
        File.CreateSymbolicLink(link, file);
        await RefusedAsync("unix:" + link, "there is a file of that name that is not a socket");
        await RefusedAsync("unix:" + folder.Path, "there is a file of that name that is not a socket");
        await RefusedAsync("unix:" + folder.PathOf("none", "s.sock"), $"there is no folder {folder.PathOf("none")}");
        Assert.That(await File.ReadAllTextAsync(link), Is.EqualTo("precious"));
    }

    [Test]
    public async Task Sockets_from_systemd_are_listened_on_instead_of_addresses()
    {
        using var folder = new TempFolder();
        var (port, path) = (FreePort.Next(), folder.PathOf("s.sock"));
        await using var parent = await StartParentAsync($"{port},{path}", "once", folder, "--web.systemd-socket", "--web.listen-address", "unix:" + path);
        Assert.That(parent.Log, Has.Some.Contains($"address=\"systemd socket name0 (127.0.0.1:{port})\""));
        using var tcp = new HttpClient();
        Assert.That(await tcp.GetStringAsync(new Uri($"http://127.0.0.1:{port}/health")), Is.EqualTo("OK\n"));
        using var unix = ClientOf(path);
        Assert.That(await unix.GetStringAsync(new Uri("/metrics", UriKind.Relative)), Does.Contain("sample_workers{"));

        Assert.That(await Sample.RunAsync("healthcheck", "--web.systemd-socket", "--web.listen-address", "unix:" + path), Is.EqualTo((0, "")));
        Assert.That(await Sample.RunAsync("healthcheck", "--web.systemd-socket", "--port", $"{port}", "--bind", "127.0.0.1"), Is.EqualTo((0, "")));
        Assert.That(
            await Sample.RunAsync("healthcheck", "--web.systemd-socket"),
            Is.EqualTo((1, "unhealthy: systemd has the sockets; name one of them with --web.listen-address")));
    }

    [Test]
    public async Task A_connection_made_while_the_service_is_down_is_answered_by_the_next_one()
    {
        using var folder = new TempFolder();
        var port = FreePort.Next();
        await using var parent = await StartParentAsync($"{port}", "again", folder, "--web.systemd-socket");
        Signals.Send(ChildOf(parent.Pid), Signals.Terminate);
        await parent.WaitForAsync(line => line == "one run has ended");
        using var client = new HttpClient();
        // The parent's input is closed: it goes on at once. The request may well come before the second run listens.
        Assert.That(await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics")), Does.Contain("sample_workers{"));
        await Eventually.TrueAsync(() => parent.Log.Count(Sample.IsListening) == 2, "a second run listens");
    }

    [Test]
    public async Task What_systemd_does_not_pass_on_is_a_clear_failure()
    {
        var (exitCode, output) = await Sample.RunAsync("--web.systemd-socket");
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain("systemd passed no sockets to this process"));

        using var folder = new TempFolder();
        await using var parent = StartParent("udp", "once", folder, "--web.systemd-socket");
        Assert.That(await parent.WaitForExitAsync(), Is.EqualTo(1));
        Assert.That(parent.Log, Has.Some.Contains("descriptor 3 (name0) is not a stream socket that is listened on"));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Systemd_is_told_when_it_is_ready_and_when_it_stops(bool isAbstract)
    {
        using var folder = new TempFolder();
        var path = folder.PathOf("notify");
        using var notify = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 30_000 };
        notify.Bind(new UnixDomainSocketEndPoint(isAbstract ? "\0" + path : path));
        await using var process = await ServiceProcess.StartAsync(
            Sample.Program,
            ["--web.listen-address", "127.0.0.1:0"],
            Sample.IsListening,
            new Dictionary<string, string>(StringComparer.Ordinal) { ["NOTIFY_SOCKET"] = isAbstract ? "@" + path : path });
        Assert.That(Receive(notify), Is.EqualTo("READY=1"));
        process.Signal(Signals.Terminate);
        Assert.That(Receive(notify), Is.EqualTo("STOPPING=1"));
        Assert.That(await process.WaitForExitAsync(), Is.Zero);
    }

    private static string Receive(Socket socket)
    {
        var buffer = new byte[256];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }

    private static async Task RefusedAsync(string address, string message)
    {
        var (exitCode, output) = await Sample.RunAsync("--web.listen-address", address);
        Assert.That(output, Does.Contain("level=error msg=\"cannot listen on ").And.Contain(message).And.Not.Contain("   at "));
        Assert.That(exitCode, Is.EqualTo(1));
    }

    private static Task<ServiceProcess> StartAsync(params string[] arguments) => ServiceProcess.StartAsync(Sample.Program, arguments, Sample.IsListening);

    private static ServiceProcess StartParent(string sockets, string runs, TempFolder folder, params string[] arguments) =>
        ServiceProcess.Start(Requires.Program("python3", "python3"), [folder.Write("parent.py", Parent), sockets, runs, Sample.Program, .. arguments]);

    private static async Task<ServiceProcess> StartParentAsync(string sockets, string runs, TempFolder folder, params string[] arguments)
    {
        var parent = StartParent(sockets, runs, folder, arguments);
        await parent.WaitForAsync(Sample.IsListening);
        return parent;
    }

    private static int ChildOf(int pid) => int.Parse(File.ReadAllText($"/proc/{pid}/task/{pid}/children").Trim().Split(' ')[0]);

    private static HttpClient ClientOf(string path) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancelled) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancelled);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://localhost"),
    };
}
