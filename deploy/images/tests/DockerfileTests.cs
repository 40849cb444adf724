using System.Text.RegularExpressions;
using System.Xml.Linq;
using CiMetrics.Testing;

namespace CiMetrics.Images.Tests;

/// <summary>What the Dockerfiles say, before one is built.</summary>
public sealed partial class DockerfileTests
{
    [Test]
    public void Each_image_has_tests_here()
    {
        IEnumerable<string> tested = typeof(ImageTests).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(ImageTests)))
            .Select(type => ((ImageTests)Activator.CreateInstance(type)!).Image.Name);
        Assert.That(ServiceImage.All, Is.Not.Empty);
        Assert.That(tested, Is.EquivalentTo(ServiceImage.All.Select(image => image.Name)));
    }

    [TestCaseSource(typeof(ServiceImage), nameof(ServiceImage.All))]
    public void The_versions_are_those_of_the_repository(ServiceImage image)
    {
        Assert.That(image.Argument("SDK"), Is.EqualTo(Repository.PinnedSdk));
        Assert.That(image.Argument("VERSION"), Is.EqualTo(XDocument.Load(Repository.PathOf("Directory.Build.props")).Descendants("VersionPrefix").Single().Value));
    }

    [TestCaseSource(typeof(ServiceImage), nameof(ServiceImage.All))]
    public void The_builder_without_BuildKit_understands_it(ServiceImage image) =>
        Assert.That(NeedsBuildKit().Match(image.Text).Value, Is.Empty);

    [TestCaseSource(typeof(ServiceImage), nameof(ServiceImage.All))]
    public void It_has_the_shape_of_the_others(ServiceImage image) =>
        Assert.That(Shape(image), Is.EqualTo(Shape(ServiceImage.All[0])));

    /// <summary>The instructions without what each service says for itself.</summary>
    private static string Shape(ServiceImage image)
    {
        string text = Own().Replace(image.Text, "");
        text = Details().Replace(text, "");
        return text.Replace(image.Folder + "/", "{folder}/", StringComparison.Ordinal)
            .Replace($"\"{image.Name}\"", "\"{name}\"", StringComparison.Ordinal)
            .Replace($"/{image.Command}", "/{command}", StringComparison.Ordinal);
    }

    [GeneratedRegex("""^# syntax|--mount|<<|@sha256""", RegexOptions.Multiline, 1000)]
    private static partial Regex NeedsBuildKit();

    // Comments, volumes, ports, variables, the default command and the sidecar's choice.
    [GeneratedRegex("""^(#|COPY --from=build --chown|ENV|VOLUME|EXPOSE|CMD|ARG READY_TO_RUN).*\n""", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Own();

    [GeneratedRegex("""(?<=description=").*(?=")| -p:PublishReadyToRun=\S+| && mkdir /\w+|, "run"(?=\])""", RegexOptions.None, 1000)]
    private static partial Regex Details();
}
