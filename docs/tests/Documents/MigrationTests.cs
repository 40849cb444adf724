using System.Text.RegularExpressions;
using CiMetrics.Docs.Tests.Metrics;
using CiMetrics.Testing;

namespace CiMetrics.Docs.Tests.Documents;

/// <summary>What <c>docs/migration.md</c> offers in its column "here" is there.</summary>
public sealed partial class MigrationTests
{
    private static readonly string Text = Markdown.Read("docs/migration.md");

    private static IEnumerable<string> Commands => ServiceManifest.All.Select(manifest => manifest.Command);

    [TestCaseSource(nameof(Commands))]
    public async Task Every_flag_and_metric_of_a_section_exists(string command)
    {
        ServiceManifest manifest = ServiceManifest.All.Single(manifest => manifest.Command == command);
        string section = Text.Split("\n## ").Single(section => section.Split('\n')[0].EndsWith($"`{command}`", StringComparison.Ordinal));
        string[] words = [.. section.Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .SelectMany(line => Code().Matches(line.Split('|')[2]).Concat(Code().Matches(line.Split('|')[3])).Select(match => match.Groups["code"].Value))];
        string[] arguments = command == "spacelift-promex" ? ["serve", "--help"] : ["--help"];
        (_, string help) = await ServiceProcess.RunAsync(Published.Binary(command), arguments);
        IReadOnlyList<DocumentedMetric> documented = [.. DocumentedMetrics.OfService(manifest), .. DocumentedMetrics.Of("every-service")];

        string[] flags = [.. words.Where(word => word[0] == '-').Select(word => word.Split(' ', '=')[0]).Distinct(StringComparer.Ordinal)];
        string[] metrics = [.. words.Where(word => Metric().IsMatch(word)).Distinct(StringComparer.Ordinal)];
        Assert.That(flags.Concat(metrics), Is.Not.Empty);
        Assert.Multiple(() =>
        {
            foreach (string flag in flags)
            {
                // -port is --port; -e is beside its long name. Help and version are everywhere.
                string name = flag.TrimStart('-');
                bool isThere = name is "help" or "h" or "version" or "v" || Regex.IsMatch(help, name.Length == 1 ? $", -{name}\\b" : $"--{Regex.Escape(name)}(?![a-z-])", RegexOptions.None, TimeSpan.FromSeconds(1));
                Assert.That(isThere, Is.True, $"{command} has no {flag}");
            }

            foreach (string metric in metrics)
                Assert.That(documented.Any(known => known.IsNamed(metric) || known.Labels.Contains(metric, StringComparer.Ordinal) || (metric[^1] == '*' && known.Name.StartsWith(metric[..^1], StringComparison.Ordinal))), Is.True, $"{command} has no {metric}");
        });
    }

    [Test]
    public void Every_file_of_the_repository_that_is_named_exists()
    {
        string[] named = [.. Code().Matches(Text).Select(match => match.Groups["code"].Value).Where(word => RepositoryPath().IsMatch(word)).Distinct(StringComparer.Ordinal)];
        Assert.That(named, Is.Not.Empty);
        Assert.That(named.Where(path => !Path.Exists(Repository.PathOf(path))), Is.Empty);
    }

    [GeneratedRegex("`(?<code>[^`]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();

    [GeneratedRegex("^(bitbucket_agent|spacelift|ci|process|dotnet|runner|github_runner|receiver|ci_sidecar)_[a-z_]+\\*?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Metric();

    [GeneratedRegex("^(deploy|services|shared)/[^ *]+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RepositoryPath();
}
