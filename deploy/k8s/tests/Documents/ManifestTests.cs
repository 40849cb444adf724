using System.Text.Json.Nodes;
using CiMetrics.Testing;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>The plain manifests are what the chart renders, and kubectl builds them. UPDATE_GOLDEN=1 writes them anew.</summary>
public sealed class ManifestTests
{
    private static readonly Dictionary<string, string> Values = new(StringComparer.Ordinal)
    {
        ["receiver"] = "receiver: {enabled: true}",
        ["receiver-postgres"] = "receiver: {postgres: {existingSecret: {name: ci-receiver}}}",
        ["runner-exporter"] = "runnerExporter: {enabled: true}",
        ["spacelift-promex"] = "spaceliftPromex: {enabled: true, apiEndpoint: 'https://ACCOUNT.app.spacelift.io', apiKeyId: API_KEY_ID, existingSecret: {name: spacelift-promex}}",
        ["alloy-runner-metrics"] = "alloyRunnerMetrics: {enabled: true}",
        ["github-runner-metrics"] = "githubRunnerMetrics: {enabled: true}",
        ["github-webhook"] = "githubWebhook: {enabled: true, existingSecret: {name: github-webhook}}",
    };

    private static string Folder { get; } = Repository.PathOf("deploy", "k8s", "manifests");

    [Test]
    public void Each_folder_has_a_test_here() =>
        Assert.That(Directory.GetDirectories(Folder).Select(folder => Path.GetFileName(folder)), Is.EquivalentTo(Values.Keys));

    [TestCaseSource(nameof(Components))]
    public async Task The_manifests_are_those_of_the_chart(string component)
    {
        using TempFolder folder = new();
        string others = component.StartsWith("receiver", StringComparison.Ordinal) ? "" : "\nreceiver: {enabled: false}";
        string manifests = await Renderer.PrintAsync("manifests", "default", folder.Write("values.yaml", Values[component] + others));
        Golden.Check($"# Rendered from the chart (deploy/k8s/chart), with the values: {Values[component]}\n{manifests}\n", $"../../manifests/{component}/{component}.yaml");
    }

    [TestCaseSource(nameof(Components))]
    public async Task Kubectl_builds_one_alone(string component) =>
        Assert.That(await BuiltAsync(Path.Combine(Folder, component)), Is.EquivalentTo(await ObjectsAsync(component)));

    [Test]
    public async Task Kubectl_builds_all_of_them_together()
    {
        List<string> all = [];
        foreach (string component in Components().Where(each => each != "receiver-postgres")) all.AddRange(await ObjectsAsync(component));
        Assert.That(await BuiltAsync(Folder), Is.EquivalentTo(all));
    }

    private static Dictionary<string, string>.KeyCollection Components() => Values.Keys;

    private static async Task<IReadOnlyList<string>> ObjectsAsync(string component) =>
        Texts(await Renderer.ReadAsync(Path.Combine(Folder, component, $"{component}.yaml")));

    private static async Task<IReadOnlyList<string>> BuiltAsync(string folder)
    {
        await using ServiceProcess kubectl = ServiceProcess.Start(Requires.Program("kubectl", "kubernetes-client"), ["kustomize", folder]);
        int exitCode = await kubectl.WaitForExitAsync(TimeSpan.FromMinutes(1));
        Assert.That(exitCode, Is.Zero, string.Join('\n', kubectl.Log));
        using TempFolder output = new();
        return Texts(await Renderer.ReadAsync(output.Write("built.yaml", kubectl.StandardOutput)));
    }

    private static string[] Texts(JsonArray objects) => [.. objects.Select(each => each!.ToJsonString())];
}
