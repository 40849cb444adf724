using System.Text.RegularExpressions;
using CiMetrics.Docs.Tests.Documents;
using CiMetrics.Testing;

namespace CiMetrics.Docs.Tests.Commands;

/// <summary>
/// What the documents tell a reader to type, typed: every block of commands is run with the published programs, or has a
/// comment before it that says why not.
/// </summary>
[Parallelizable(ParallelScope.Children)]
public sealed partial class CommandTests
{
    // What makes the programs that the test runs. It has been done, and takes minutes.
    private const string Publish = "./build.sh publish";

    private static readonly (string Command, string Folder, string Ready, string Arguments)[] Simulators =
    [
        ("bitbucket-runner-exporter", "/run", "/run/docker.sock", "--socket /run/docker.sock"),
        ("spacelift-promex", "/run", "/dev/tcp/localhost/9954", "--port 9954"),
        ("alloy-runner-metrics", "/etc/alloy-runner", "/etc/alloy-runner/runner.log", "/etc/alloy-runner"),
        ("github-runner-metrics", "/opt/actions-runner", "/opt/actions-runner/config.sh", "/opt/actions-runner"),
    ];

    private static IEnumerable<string> DocumentsWithCommands =>
        Markdown.Documents.Where(document => Markdown.Blocks(Markdown.Read(document)).Any(IsRun));

    [Test]
    public void Every_language_of_a_block_is_known_so_that_commands_are_seen_as_such()
    {
        string[] known = ["bash", "sh", "shell", "console", "", "yaml", "json", "toml", "ini", "promql", "mermaid", "csharp", "xml"];
        foreach (string document in Markdown.Documents)
        {
            foreach (Block block in Markdown.Blocks(Markdown.Read(document)))
                Assert.That(known, Does.Contain(block.Language), $"{document}:{block.Line}");
        }
    }

    [TestCaseSource(nameof(DocumentsWithCommands))]
    public async Task The_commands_of_a_document_work(string document)
    {
        Requires.Root();
        Requires.Program("ip", "iproute2");
        using TempFolder work = new();
        IReadOnlyList<Block> blocks = Markdown.Blocks(Markdown.Read(document));
        string commands = string.Concat(blocks.Where(IsRun).Select(block => block.Text));
        foreach (Block block in blocks.Where(IsRun)) work.Write($"blocks/{block.Line:0000}.sh", block.Text.Replace(Publish, ":", StringComparison.Ordinal));
        foreach (Block block in blocks.Where(block => !block.IsCommands))
        {
            if (FileName().Match(block.Text) is { Success: true } file) work.Write($"files/{file.Groups["name"].Value}", block.Text);
        }

        work.Write("simulators", string.Concat(Simulators.Where(simulator => commands.Contains(simulator.Command, StringComparison.Ordinal)).Select(simulator =>
            $"{simulator.Folder} {simulator.Ready} {ServiceManifest.All.Single(manifest => manifest.Command == simulator.Command).SimulatorProgram} {simulator.Arguments}\n")));
        foreach (ServiceManifest manifest in ServiceManifest.All) Published.Binary(manifest.Command);

        (int exitCode, string output) = await ServiceProcess.RunAsync(
            "/usr/bin/unshare",
            ["--mount", "--net", "--pid", "--fork", "--kill-child", Repository.PathOf("docs", "tests", "Commands", "sandbox.sh"), Repository.Root, work.Path],
            patience: TimeSpan.FromMinutes(4));
        TestContext.Out.WriteLine(output);
        Assert.That(exitCode, Is.Zero, $"{document}\n{output}");
        Assert.That(output.Split('\n').Count(line => line.Contains(" ended with 0 ", StringComparison.Ordinal)), Is.EqualTo(blocks.Count(IsRun)), output);
    }

    private static bool IsRun(Block block) => block.IsCommands && block.NotRun is null;

    // A file that the document shows begins with its name: "# config.yml".
    [GeneratedRegex("^(?:#|//) (?<name>[a-z0-9.-]+\\.(?:ya?ml|toml|json|txt))\\s", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FileName();
}
