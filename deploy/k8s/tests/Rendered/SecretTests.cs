using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>Secrets come as files from Secrets that are there already: arguments and variables can be read by many.</summary>
public sealed partial class SecretTests
{
    [TestCaseSource(typeof(Renderer), nameof(Renderer.ValuesFiles))]
    public async Task No_argument_variable_or_object_of_the_chart_holds_a_secret(string values)
    {
        IReadOnlyList<ClusterObject> objects = await Renderer.RenderAsync(values);
        Assert.That(objects.Where(each => each.Kind == "Secret"), Is.Empty);
        foreach (JsonObject container in objects.Where(each => each.HasPod).SelectMany(each => each.Containers))
        {
            Assert.That(ClusterObject.Texts(container["args"]).Where(IsSecret), Is.Empty);
            Assert.That(ClusterObject.List(container["env"]).Where(variable => variable["value"] is not null && SecretName().IsMatch((string)variable["name"]!)), Is.Empty);
        }
    }

    [TestCaseSource(typeof(Renderer), nameof(Renderer.ValuesFiles))]
    public async Task Every_secret_file_that_an_argument_names_is_mounted_read_only(string values)
    {
        foreach (ClusterObject each in (await Renderer.RenderAsync(values)).Where(each => each.IsWorkload))
        {
            JsonObject container = each.Containers.Single();
            foreach (string folder in ClusterObject.Texts(container["args"]).Where(argument => argument.Contains("=/secrets/", StringComparison.Ordinal)).Select(argument => Path.GetDirectoryName(argument.Split('=')[1])!))
            {
                JsonObject mount = ClusterObject.List(container["volumeMounts"]).Single(one => (string)one["mountPath"]! == folder);
                JsonObject volume = ClusterObject.List(each.PodSpec["volumes"]).Single(one => (string)one["name"]! == (string)mount["name"]!);
                Assert.That((bool)mount["readOnly"]!);
                Assert.That((string?)volume["secret"]?["secretName"], Is.Not.Null.And.Not.Empty, each.ToString());
                Assert.That((int)volume["secret"]!["defaultMode"]!, Is.EqualTo(0b100_100_000));
            }
        }
    }

    [TestCase("--api-key-secret=x", true)]
    [TestCase("--web.bearer-token=x", true)]
    [TestCase("--store=postgres://user:password@host/db", true)]
    [TestCase("--basic-auth-pass=x", true)]
    [TestCase("--api-key-secret-file=/secrets/api-key/x", false)]
    [TestCase("--state-dir=/state", false)]
    public void The_test_knows_an_argument_that_is_a_secret(string argument, bool expected) => Assert.That(IsSecret(argument), Is.EqualTo(expected));

    private static bool IsSecret(string argument) => SecretName().IsMatch(argument.Split('=')[0]) && !argument.Split('=')[0].EndsWith("-file", StringComparison.Ordinal);

    [GeneratedRegex("secret|token|pass|store$|credential|_KEY", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex SecretName();
}
