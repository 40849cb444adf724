namespace CiMetrics.Hosting.Tests;

public sealed class PrecedenceTests
{
    [TestCase("", null, null, 8080, SettingSource.Default)]
    [TestCase("", null, "port: 1", 1, SettingSource.File)]
    [TestCase("", "MY_EXPORTER__PORT=2", "port: 1", 2, SettingSource.Environment)]
    [TestCase("--port 3", "MY_EXPORTER__PORT=2", "port: 1", 3, SettingSource.Flag)]
    [TestCase("--port 3", null, "port: 1", 3, SettingSource.Flag)]
    [TestCase("", "MY_EXPORTER__PORT=", "port: '1'", 1, SettingSource.File)]
    public void Flag_goes_over_environment_over_file_over_default(
        string arguments, string? environment, string? file, int port, SettingSource source)
    {
        var reading = new Reading();
        Assert.That(reading.Read(arguments, environment, file), Is.Empty);
        Assert.That((reading.Port.Value, reading.Port.Source), Is.EqualTo((port, source)));
    }

    [Test]
    public void The_generated_variable_goes_over_the_extra_ones()
    {
        var reading = new Reading();
        Assert.That(reading.Read("", "OTHER_TIMEOUT=2s MY_EXPORTER__TIMEOUT=3s"), Is.Empty);
        Assert.That(reading.Timeout.Value, Is.EqualTo(TimeSpan.FromSeconds(3)));
        var other = new Reading();
        Assert.That(other.Read("", "OTHER_TIMEOUT=2s"), Is.Empty);
        Assert.That(other.Timeout.Value, Is.EqualTo(TimeSpan.FromSeconds(2)));
    }

    [Test]
    public void A_stronger_list_replaces_a_weaker_one()
    {
        var reading = new Reading();
        Assert.That(reading.Read("--host c", "MY_EXPORTER__HOST=a,b", "targets:\n  hosts: [x, y]"), Is.Empty);
        Assert.That(reading.Hosts.Value, Is.EqualTo(new[] { "c" }));
    }

    [Test]
    public void An_environment_variable_separates_a_list_by_commas()
    {
        var reading = new Reading();
        Assert.That(reading.Read("", "MY_EXPORTER__HOST=a,b", "targets:\n  hosts: [x, y]"), Is.Empty);
        Assert.That(reading.Hosts.Value, Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public void Labels_are_merged_per_name()
    {
        var reading = new Reading();
        var problems = reading.Read(
            "-extra-label team=flag -extra-label url=http://x/?a=b",
            "MY_EXPORTER__EXTRA_LABEL=team=env,region=env",
            "labels:\n  team: file\n  region: file\n  size: large\n  empty: ''\n  number: 7");
        Assert.That(problems, Is.Empty);
        Assert.That(reading.Settings.ExtraLabels.Value, Is.EquivalentTo(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["team"] = "flag",
            ["url"] = "http://x/?a=b",
            ["region"] = "env",
            ["size"] = "large",
            ["empty"] = "",
            ["number"] = "7",
        }));
    }

    [Test]
    public void All_mistakes_of_all_sources_are_found_at_once()
    {
        var problems = new Reading().Read(
            "--port x --timeout 2m", "MY_EXPORTER__COLOR=blue MY_EXPORTER__PROT=1", "count: 10\nbnid: y\nport: z\nfast: perhaps");
        Assert.That(problems, Is.EquivalentTo(new[]
        {
            "flag --port: must be a port, a whole number from 0 to 65535 (got \"x\")",
            "flag --timeout: must be at most 1m (got \"2m\")",
            "environment variable MY_EXPORTER__COLOR (--color): must be one of red, green (got \"blue\")",
            "environment variable MY_EXPORTER__PROT: is not known; did you mean MY_EXPORTER__PORT?",
            "config.yml:1:8: count: must be a whole number from 1 to 9 (got \"10\")",
            "config.yml:2:1: \"bnid\": is not known; did you mean bind?; allowed: labels, web, log, port, bind, timeout, count, fast, color, note, targets, password, password_file",
            "config.yml:3:7: port: must be a port, a whole number from 0 to 65535 (got \"z\")",
            "config.yml:4:7: fast: must be true or false (got \"perhaps\")",
        }));
    }

    [Test]
    public void Checks_over_several_settings_wait_for_valid_ones()
    {
        var wrong = new Reading();
        wrong.Settings.AddCheck(() => [wrong.Port.Value == 1 ? "--port 1 needs --fast" : "no"]);
        Assert.That(wrong.Read("--port 1"), Is.EqualTo(new[] { "settings: --port 1 needs --fast" }));
        var invalid = new Reading();
        invalid.Settings.AddCheck(() => throw new InvalidOperationException("called with invalid values"));
        Assert.That(invalid.Read("--port x"), Has.Count.EqualTo(1));
        var independent = new Reading();
        independent.Settings.AddCheck(() => ["--fast is too slow"], independent.Fast);
        independent.Settings.AddCheck(() => throw new InvalidOperationException("called with invalid values"), independent.Fast, independent.Port);
        Assert.That(independent.Read("--port x"), Has.Count.EqualTo(2).And.Contains("settings: --fast is too slow"));
    }

    [Test]
    public void Another_program_s_variables_are_let_alone()
    {
        var reading = new Reading();
        Assert.That(reading.Read("", "MY_EXPORTER_PORT=tcp://10.0.0.1:80 MY_EXPORTER_SERVICE_PORT=1 PORT=2"), Is.Empty);
        Assert.That(reading.Port.Value, Is.EqualTo(8080));
    }

    [TestCase("", null, null, "0.0.0.0:8080")]
    [TestCase("--port 1", null, null, "0.0.0.0:1")]
    [TestCase("--bind ::1", null, null, "[::1]:8080")]
    [TestCase("--bind [::1] --port 1", null, null, "[::1]:1")]
    [TestCase("--web.listen-address :2", null, null, ":2")]
    [TestCase("--web.listen-address :2 --port 1", null, null, ":2")]
    [TestCase("--web.listen-address :2 --web.listen-address [::1]:3", null, null, ":2 [::1]:3")]
    [TestCase("--port 1", null, "web:\n  listen_address: ':2'", "0.0.0.0:1")]
    [TestCase("", null, "web:\n  listen_address: [':2', ':3']\nport: 1", ":2 :3")]
    [TestCase("", "MY_EXPORTER__WEB_LISTEN_ADDRESS=:2,:3", "port: 1", ":2 :3")]
    public void The_address_comes_from_listen_address_or_from_bind_and_port(
        string arguments, string? environment, string? file, string addresses)
    {
        var reading = new Reading();
        reading.Settings.ListenOn(reading.Bind, reading.Port);
        Assert.That(reading.Read(arguments, environment, file), Is.Empty);
        Assert.That(string.Join(' ', reading.Settings.Addresses()), Is.EqualTo(addresses));
    }

    [TestCase("--bind 1.2.3", "flag --bind: must be an IP address or a host name (got \"1.2.3\")")]
    [TestCase("--web.listen-address 99999", "flag --web.listen-address: " + ListenAddress.Rule + " (got \"99999\")")]
    [TestCase("--web.telemetry-path metrics", "flag --web.telemetry-path: must be a path such as /metrics (got \"metrics\")")]
    [TestCase("--web.telemetry-path /", "flag --web.telemetry-path: must be a path such as /metrics (got \"/\")")]
    [TestCase("--web.telemetry-path /-/ready", "flag --web.telemetry-path: must not be one of the health paths (got \"/-/ready\")")]
    [TestCase("--log.level trace", "flag --log.level: must be one of debug, info, warn, error (got \"trace\")")]
    [TestCase("--log.format xml", "flag --log.format: must be one of logfmt, json (got \"xml\")")]
    [TestCase("--timeout 5", "flag --timeout: " + GoDuration.Rule + " (got \"5\")")]
    [TestCase("--timeout 5ms", "flag --timeout: must be at least 1s (got \"5ms\")")]
    [TestCase("--count -1", "flag --count: must be a whole number from 1 to 9 (got \"-1\")")]
    [TestCase("--config-file /no/such.yml", "flag --config-file: must name a readable file: there is no such file (got \"/no/such.yml\")")]
    [TestCase("--config-file /", "flag --config-file: must name a readable file: it is a directory (got \"/\")")]
    [TestCase("--password-file /no/such", "flag --password-file: must name a readable file: there is no such file (got \"/no/such\")")]
    public void A_shared_flag_states_its_rule(string arguments, string message)
    {
        var reading = new Reading();
        reading.Settings.ListenOn(reading.Bind, reading.Port);
        Assert.That(reading.Read(arguments), Is.EqualTo(new[] { message }));
    }
}
