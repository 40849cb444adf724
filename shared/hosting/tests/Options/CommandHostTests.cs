namespace CiMetrics.Hosting.Tests;

/// <summary>Commands that need a subcommand to start, as <c>spacelift-promex serve</c> does.</summary>
public sealed class CommandHostTests
{
    [TestCase("serve --port 1")]
    [TestCase("--port 1 serve")]
    public async Task The_start_command_runs_it(string arguments)
    {
        var result = await RunAsync(arguments);
        Assert.That((result.ExitCode, result.Ran), Is.EqualTo((7, "serve")));
    }

    [TestCase("")]
    [TestCase("help")]
    [TestCase("serve --help")]
    public async Task Nothing_at_all_shows_the_help(string arguments)
    {
        var result = await RunAsync(arguments);
        Assert.That((result.ExitCode, result.Ran), Is.EqualTo((0, (string?)null)));
        Assert.That(result.Output, Does.StartWith("promex - Exports").And.Contain("  serve         Start it\n"));
    }

    [TestCase("", "help of all")]
    [TestCase("h", "help of all")]
    [TestCase("--help", "help of all")]
    [TestCase("serve -h", "help of serve")]
    [TestCase("help serve", "help of serve")]
    [TestCase("--version", "its own version")]
    public async Task A_command_can_bring_its_own_texts(string arguments, string text)
    {
        var result = await RunAsync(arguments, new OwnTexts());
        Assert.That((result.ExitCode, result.Ran, result.Output.TrimEnd()), Is.EqualTo((0, (string?)null, text)));
    }

    [Test]
    public async Task Flags_without_a_command_are_a_mistake()
    {
        var result = await RunAsync("--port 1");
        Assert.That((result.ExitCode, result.Ran), Is.EqualTo((ExitCode.Usage, (string?)null)));
        Assert.That(result.Errors, Does.Contain("  command line: must name a command: serve, healthcheck\n"));
    }

    [Test]
    public async Task A_prefix_without_two_underscores_leaves_unknown_variables_alone()
    {
        Environment.SetEnvironmentVariable("PROMEX_PROT", "1");
        try
        {
            Assert.That((await RunAsync("serve")).ExitCode, Is.EqualTo(7));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PROMEX_PROT", null);
        }
    }

    private static async Task<Result> RunAsync(string arguments, ICommandTexts? texts = null)
    {
        await using var output = new StringWriter();
        await using var errors = new StringWriter();
        string? ran = null;
        var settings = new SettingSet(new ServiceInfo
        {
            Command = "promex",
            Title = "Promex",
            Description = "Exports",
            StartCommand = "serve",
            EnvironmentPrefix = "PROMEX_",
            Texts = texts ?? new HelpText(),
        });
        settings.Port("port", "Port", 1);
        var host = new CommandHost(settings, null, [new Subcommand("serve", "Start it"), new Subcommand("healthcheck", "Ask it")], output, errors);
        var exitCode = await host.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), command =>
        {
            ran = command;
            return Task.FromResult(7);
        });
        return new Result(exitCode, ran, output.ToString(), errors.ToString());
    }

    private sealed class OwnTexts : ICommandTexts
    {
        public string Help(HelpPage page) => $"help of {page.Command ?? "all"}\n";

        public string Version(ServiceInfo info) => "its own version";
    }

    private sealed record Result(int ExitCode, string? Ran, string Output, string Errors);
}
