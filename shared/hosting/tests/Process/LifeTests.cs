using System.Net;
using System.Net.Sockets;
using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

/// <summary>Start, signals, drain, failures and exit codes.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class LifeTests
{
    private static bool AnswersLate(string line) => line.Contains("what=\"late answer\"", StringComparison.Ordinal);

    [TestCase(Signals.Terminate)]
    [TestCase(Signals.Interrupt)]
    public async Task A_signal_stops_it_with_exit_code_0(int signal)
    {
        await using var sample = await Sample.StartAsync();
        sample.Process.Signal(signal);
        Assert.That(await sample.Process.WaitForExitAsync(), Is.Zero);
        Assert.That(sample.Process.Log[^1], Does.Contain("msg=\"Stopped\""));
    }

    [Test]
    public async Task Requests_in_flight_are_answered_while_readiness_is_off_and_new_ones_are_refused()
    {
        await using var sample = await Sample.StartAsync();
        var slow = sample.GetTextAsync("/slow?ms=5000");
        await sample.Process.WaitForAsync(AnswersLate);
        sample.Process.Signal(Signals.Terminate);
        await sample.Process.WaitForAsync(line => line.Contains("msg=\"Stopping\"", StringComparison.Ordinal));

        using (var ready = await sample.SendAsync(HttpMethod.Get, "/-/ready"))
        {
            Assert.That(ready.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(await ready.Content.ReadAsStringAsync(), Is.EqualTo("Stopping\n"));
        }
        using (var refused = await sample.SendAsync(HttpMethod.Get, "/metrics"))
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await sample.GetTextAsync("/-/healthy"), Is.EqualTo("OK\n"));
        Assert.That(slow.IsCompleted, Is.False);
        Assert.That(await slow, Is.EqualTo("late\n"));
        Assert.That(await sample.Process.WaitForExitAsync(), Is.Zero);
    }

    [Test]
    public async Task A_second_signal_ends_it_at_once()
    {
        await using var sample = await Sample.StartAsync();
        var slow = sample.GetTextAsync("/slow?ms=60000");
        await sample.Process.WaitForAsync(AnswersLate);
        sample.Process.Signal(Signals.Terminate);
        await sample.Process.WaitForAsync(line => line.Contains("msg=\"Stopping\"", StringComparison.Ordinal));
        sample.Process.Signal(Signals.Terminate);
        Assert.That(await sample.Process.WaitForExitAsync(), Is.EqualTo(1));
        Assert.That(sample.Process.Log, Has.None.Contains("Requests were cut off"));
        Assert.That(async () => await slow, Throws.InstanceOf<HttpRequestException>());
    }

    [Test]
    public async Task A_request_that_does_not_end_is_cut_off()
    {
        await using var sample = await Sample.StartAsync();
        var slow = sample.GetTextAsync("/slow?ms=60000");
        await sample.Process.WaitForAsync(AnswersLate);
        sample.Process.Signal(Signals.Terminate);
        Assert.That(await sample.Process.WaitForExitAsync(), Is.Zero);
        Assert.That(sample.Process.Log, Has.Some.Contains("level=warn msg=\"Requests were cut off: they did not end in time\" patience=10s"));
        Assert.That(async () => await slow, Throws.InstanceOf<HttpRequestException>());
    }

    [Test]
    public async Task A_loop_that_does_not_stop_is_a_failure()
    {
        await using var sample = await Sample.StartAsync("--stuck-loop");
        sample.Process.Signal(Signals.Terminate);
        Assert.That(await sample.Process.WaitForExitAsync(), Is.EqualTo(1));
        Assert.That(sample.Process.Log, Has.Some.Contains("level=error msg=\"A background loop did not stop in time\" loop=stuck"));
    }

    [TestCase("die", "level=error msg=\"A background loop failed; the program stops\" loop=watch", "the sample's loop was told to die")]
    [TestCase("end", "level=error msg=\"A background loop ended unexpectedly; the program stops\" loop=watch", "")]
    [TestCase("fail-start", "level=error msg=\"cannot start: --mode says so\"", "")]
    public async Task A_failure_ends_it_with_exit_code_1(string mode, string message, string detail)
    {
        var (exitCode, output) = await Sample.RunAsync("--mode", mode, "--bind", "127.0.0.1", "--port", "0");
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain(message).And.Contain(detail));
    }

    [Test]
    public async Task An_address_in_use_is_named_with_what_to_do()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = $"127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";
        var (exitCode, output) = await Sample.RunAsync("--web.listen-address", address);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain(
            $"level=error msg=\"cannot listen on {address}: the address is in use; stop the program that has it or choose another one\""));
        Assert.That(output, Does.Not.Contain("   at "));
    }

    [TestCase("192.0.2.1:9", "this machine has no such address")]
    [TestCase("no-such-host.invalid:9", "the name has no address")]
    public async Task An_address_that_is_not_this_machine_s_is_named(string address, string reason)
    {
        var (exitCode, output) = await Sample.RunAsync("--web.listen-address", address);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain("level=error msg=\"cannot listen on ").And.Contain(reason));
        Assert.That(output, Does.Not.Contain("   at "));
    }

    [Test]
    public async Task The_system_chooses_the_port_0_and_the_log_names_it()
    {
        await using var process = await ServiceProcess.StartAsync(Sample.Program, ["--web.listen-address", "127.0.0.1:0"], Sample.IsListening);
        var line = await process.WaitForAsync(Sample.IsListening);
        var url = line.Split("address=")[1].Split(' ')[0];
        using var client = new HttpClient();
        Assert.That(await client.GetStringAsync(new Uri(url + "/health")), Is.EqualTo("OK\n"));
    }

    [Test]
    public async Task Several_addresses_are_listened_on()
    {
        var (first, second) = (FreePort.Next(), FreePort.Next());
        await using var process = await ServiceProcess.StartAsync(
            Sample.Program, ["--web.listen-address", $"127.0.0.1:{first}", "--web.listen-address", $"[::1]:{second}"], Sample.IsListening);
        using var client = new HttpClient();
        Assert.That(await client.GetStringAsync(new Uri($"http://127.0.0.1:{first}/health")), Is.EqualTo("OK\n"));
        Assert.That(await client.GetStringAsync(new Uri($"http://[::1]:{second}/health")), Is.EqualTo("OK\n"));
    }

    [Test]
    public async Task The_healthcheck_asks_the_configured_address()
    {
        await using var sample = await Sample.StartAsync();
        var port = sample.Port.ToString();
        Assert.That(await Sample.RunAsync("healthcheck", "--port", port), Is.EqualTo((0, "")));
        Assert.That(await Sample.RunAsync("--web.listen-address", ":" + port, "healthcheck"), Is.EqualTo((0, "")));
        sample.Process.Signal(Signals.Terminate);
        await sample.Process.WaitForExitAsync();
        var (exitCode, output) = await Sample.RunAsync("healthcheck", "-port=" + port);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.StartWith($"unhealthy: http://127.0.0.1:{port}/-/healthy: "));
        Assert.That((await Sample.RunAsync("healthcheck", "--port", "x")).ExitCode, Is.EqualTo(2));
        Assert.That((await Sample.RunAsync("healthcheck", "--port", "0")).ExitCode, Is.EqualTo(1));
    }
}
