namespace CiMetrics.Hosting.Tests;

/// <summary>Words after a command that give settings, as in <c>exporter FILE HOST</c>.</summary>
public sealed class ArgumentTests
{
    [TestCase("/builds/metrics.json receiver", "run: /builds/metrics.json receiver 5")]
    [TestCase("--limit 7 /builds/metrics.json receiver", "run: /builds/metrics.json receiver 7")]
    [TestCase("/builds/metrics.json --limit=7 receiver", "run: /builds/metrics.json receiver 7")]
    [TestCase("/builds/metrics.json --receiver-hostname other", "run: /builds/metrics.json other 5")]
    [TestCase("drain /spool receiver", "drain: /spool receiver 5")]
    [TestCase("write /builds/m.json", "write: /builds/m.json  5")]
    public async Task Words_give_settings_in_their_order(string arguments, string expected)
    {
        var (exitCode, output, errors) = await RunAsync(arguments);
        Assert.That(errors, Is.Empty);
        Assert.That(output, Is.EqualTo(expected));
        Assert.That(exitCode, Is.Zero);
    }

    [TestCase("", "argument <file-path>: must be given: exporter <file-path> <receiver-hostname>")]
    [TestCase("/builds/metrics.json", "argument <receiver-hostname>: must be given: exporter <file-path> <receiver-hostname>")]
    [TestCase("drain /spool", "argument <receiver-hostname>: must be given: exporter drain <spool-dir> <receiver-hostname>")]
    [TestCase("write", "argument <file-path>: must be given: exporter write <file-path>")]
    [TestCase("a b c", "argument \"c\": is not expected; flags begin with - and the commands are drain, write, config check, help")]
    [TestCase("a b --limt 3", "flag \"--limt\": is not known; did you mean --limit?")]
    public async Task Missing_and_stray_words_are_named(string arguments, string expected)
    {
        var (exitCode, output, errors) = await RunAsync(arguments);
        Assert.That(errors.Split('\n'), Does.Contain("  " + expected));
        Assert.That(output, Is.Empty);
        Assert.That(exitCode, Is.EqualTo(ExitCode.Usage));
    }

    [Test]
    public async Task The_help_shows_which_words_each_command_takes()
    {
        var (_, output, _) = await RunAsync("--help");
        Assert.That(output, Does.Contain(
            """
            Usage:
              exporter [flags] <file-path> <receiver-hostname>
              exporter [flags] <command> ...

            Commands:
              drain <spool-dir> <receiver-hostname>  Send what is left
              write <file-path>                      Write the file
              config check                           Check the settings and the files that they name; exit code 0 or 2
              help                                   Show this text

            """));
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string arguments)
    {
        await using var output = new StringWriter();
        await using var errors = new StringWriter();
        var settings = new SettingSet(new ServiceInfo { Command = "exporter", Title = "Exporter", Description = "Sends" });
        var file = settings.Text("file-path", "File");
        var receiver = settings.Text("receiver-hostname", "Receiver");
        var spool = settings.Text("spool-dir", "Spool");
        var limit = settings.Number("limit", "Limit", 5);
        settings.Arguments(file, receiver);
        settings.AddCommand("drain", "Send what is left", _ => Task.FromResult(0), spool, receiver);
        settings.AddCommand("write", "Write the file", _ => Task.FromResult(0), file);
        var host = new CommandHost(settings, null, settings.Commands, output, errors);
        var exitCode = await host.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), async command =>
        {
            await output.WriteAsync($"{command ?? "run"}: {(command == "drain" ? spool : file).Value} {receiver.Value} {limit.Value}");
            return 0;
        });
        return (exitCode, output.ToString(), errors.ToString());
    }
}
