using CiMetrics.GitHubRunner.State;
using CiMetrics.GitHubRunner.Steps;

namespace CiMetrics.GitHubRunner.Tests.Steps;

public sealed class StepLinesTests
{
    private static readonly string[] CacheAction = ["##[group]Run actions/cache@v4", "with:", "  path: ~/.npm", "  key: linux-npm-abc", "  restore-keys: linux-npm-", "##[endgroup]"];

    [TestCase("npm hit", "Cache hit for: linux-npm-abc", "Cache restored successfully", "Cache restored from key: linux-npm-abc")]
    [TestCase("npm hit", "Cache restored from key: Linux-npm-ABC")]
    [TestCase("npm partial", "Cache hit for restore-key: linux-npm-old", "Cache restored from key: linux-npm-old")]
    [TestCase("npm partial", "Cache restored from key: linux-npm-old")]
    [TestCase("npm miss", "Cache not found for input keys: linux-npm-abc, linux-npm-")]
    [TestCase("npm hit", "Cache found and can be restored from key: linux-npm-abc")]
    [TestCase("", "Cache hit occurred on the primary key linux-npm-abc, not saving cache.")]
    public void The_cache_action_counts_once_a_step_against_its_key(string expected, params string[] lines) =>
        Assert.That(Read([.. CacheAction, .. lines]), Is.EqualTo(expected));

    [Test]
    public void A_setup_action_has_a_manager_and_no_key()
    {
        string[] setup = ["##[group]Run actions/setup-node@v4", "with:", "  node-version: 22", "  cache: yarn", "##[endgroup]"];
        Assert.That(Read([.. setup, "Cache restored from key: node-cache-Linux-yarn-1"]), Is.EqualTo("yarn hit"));
        Assert.That(Read([.. setup, "yarn cache is not found"]), Is.EqualTo("yarn miss"));
        Assert.That(Read(["##[group]Run actions/setup-python@v5", "with:", "##[endgroup]", "pip cache is not found"]), Is.EqualTo("pip miss"));
    }

    [Test]
    public void What_a_script_prints_counts_nothing() =>
        Assert.That(Read(["##[group]Run echo \"a/b@c\"", "Cache restored from key: x", "Cache not found for input keys: x"]), Is.Empty);

    [Test]
    public void The_steps_of_a_composite_action_count_each() =>
        Assert.That(Read([.. CacheAction, "Cache restored from key: linux-npm-abc", .. CacheAction, "Cache not found for input keys: linux-npm-abc"]), Is.EqualTo("npm hit, npm miss"));

    [Test]
    public void A_path_on_several_lines_says_what_is_cached() =>
        Assert.That(Read(["##[group]Run actions/cache/restore@v4", "with:", "  path: |", "  ~/.cache/go-build", "  ~/go/pkg/mod", "  key: k", "##[endgroup]", "Cache not found for input keys: k"]), Is.EqualTo("go miss"));

    [Test]
    public void Steps_of_a_Dockerfile_count_and_what_BuildKit_does_for_itself_does_not() =>
        Assert.That(
            Read([
                "#0 building with \"default\" instance using docker driver", "#1 [internal] load build definition from Dockerfile", "#1 DONE 0.0s",
                "#4 [1/3] FROM docker.io/library/alpine@sha256:abc", "#4 CACHED", "#5 [2/3] RUN apk add make", "#5 CACHED", "#5 CACHED",
                "#6 [build 3/3] RUN make", "#6 0.512 building", "#6 DONE 1.2s", "#7 [linux/amd64 stage-1 2/2] COPY . .", "#7 CACHED", "#8 exporting to image", "#8 DONE 0.1s",
                "#0 building with \"default\" instance using docker driver", "#5 [2/3] RUN apk add make", "#5 DONE 3s", "#9 ERROR: process", "# no step", "#x",
            ]),
            Is.EqualTo("buildkit hit, buildkit miss, buildkit hit, buildkit miss"));

    private static string Read(IEnumerable<string> lines)
    {
        StepLines step = new();
        return string.Join(", ", lines.Select(step.Read).OfType<(string Type, CacheResult Result)>().Select(said => $"{said.Type} {said.Result}".ToLowerInvariant()));
    }
}
