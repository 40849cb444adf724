using CiMetrics.RunnerExporter.Discovery;

namespace CiMetrics.RunnerExporter.Tests.Discovery;

public sealed class BuildNameTests
{
    private const string Runner = "96da62a5-abee-497e-b1f6-7774432a3396";
    private const string Pipeline = "1d1ff376-c967-4ebe-a84f-cd2d56ee0872";

    [TestCase($"{Runner}_{Pipeline}_build")]
    [TestCase($"/{Runner}_{Pipeline}_build")]
    public void The_uuids_of_a_build_container_are_read_from_its_name(string container)
    {
        Assert.That(BuildName.TryParse(container, out BuildName name), Is.True);
        Assert.That(name, Is.EqualTo(new BuildName(Runner, Pipeline)));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("my_app_build")]
    [TestCase($"{Runner}_{Pipeline}")]
    [TestCase($"{Runner}_{Pipeline}_pause")]
    [TestCase($"{Runner}_{Pipeline}_build2")]
    [TestCase($"x{Runner}_{Pipeline}_build")]
    [TestCase($"{Runner}-{Pipeline}_build")]
    [TestCase($"{Runner}_{Runner}_{Pipeline}_build")]
    [TestCase("96da62a5-abee-497e-b1f6-7774432a339g_1d1ff376-c967-4ebe-a84f-cd2d56ee0872_build")]
    public void Any_other_container_is_left_alone(string? container) =>
        Assert.That(BuildName.TryParse(container, out _), Is.False);
}
