using CiMetrics.AlloyRunner.Observing;
using CiMetrics.AlloyRunner.State;

namespace CiMetrics.AlloyRunner.Tests.Observing;

public sealed class JobContainersTests
{
    private static readonly JobContainer Build = new("b", 7, ContainerKind.Build);
    private static readonly JobContainer Helper = new("h", 7, ContainerKind.Helper);

    private JobContainers _containers = null!;

    [SetUp]
    public void SetUp() => _containers = new JobContainers();

    [TestCase("com.gitlab.gitlab-runner.", "build", ExpectedResult = ContainerKind.Build)]
    [TestCase("com.alloy-ci.alloy-runner.", "predefined", ExpectedResult = ContainerKind.Helper)]
    [TestCase("com.gitlab.gitlab-runner.", "service", ExpectedResult = null)]
    [TestCase("com.gitlab.gitlab-runner.", "cache", ExpectedResult = null)]
    [TestCase("some.other.", "build", ExpectedResult = null)]
    public object? Labels_tell_whose_container_it_is(string prefix, string type)
    {
        JobContainer? read = JobContainer.Of("x", new Dictionary<string, string>(StringComparer.Ordinal) { ["team"] = "a", [prefix + "type"] = type, [prefix + "job.id"] = "42" });
        Assert.That(read?.Job, Is.Null.Or.EqualTo(42));
        return read?.Kind;
    }

    [TestCase("")]
    [TestCase("-1")]
    [TestCase("seven")]
    [TestCase("99999999999999999999")]
    public void A_job_without_a_number_is_none(string job) => Assert.That(
        JobContainer.Of("x", new Dictionary<string, string>(StringComparer.Ordinal) { ["com.gitlab.gitlab-runner.job.id"] = job, ["com.gitlab.gitlab-runner.type"] = "build" }), Is.Null);

    [Test]
    public void Each_run_of_a_container_is_a_stage()
    {
        List<string> stages = [];
        foreach (JobContainer next in (JobContainer[])[Helper, Helper, Helper, Build, Build, Helper])
        {
            _containers.Started(next, 1, hasRunBefore: stages.Count is 1 or 2 or 4 or 5, isNow: true);
            if (stages.Count is 2 or 5) _containers.Does("h", stages.Count == 2 ? "restore_cache" : "upload_artifacts");
            stages.Add(One().Stage);
            Assert.That(One().IsBetween, Is.False);
            _containers.Ended(next.Id);
            Assert.That((One().Stage, One().IsBetween), Is.EqualTo((stages[^1], true)));
        }
        Assert.That(stages, Is.EqualTo(new[] { "prepare_script", "get_sources", "restore_cache", "build_script", "after_script", "upload_artifacts" }));
        _containers.Removed("h");
        Assert.That(_containers.Jobs(), Has.Count.EqualTo(1));
        _containers.Removed("b");
        Assert.That(_containers.Jobs(), Is.Empty);
    }

    [Test]
    public void What_ran_before_we_looked_is_not_taken_for_the_first_run()
    {
        _containers.Stands(Helper, hasRun: true);
        Assert.That((One().Stage, One().IsBetween), Is.EqualTo(("", true)));
        _containers.Started(Helper, 1, hasRunBefore: true, isNow: true);
        Assert.That(One().Stage, Is.Empty);
        _containers.Started(Build, 1, hasRunBefore: true, isNow: false);
        Assert.That((One().Stage, One().IsFresh), Is.EqualTo(("after_script", false)));
    }

    [Test]
    public void What_was_only_created_is_not_at_work()
    {
        _containers.Stands(Build, hasRun: false);
        Assert.That(_containers.Jobs(), Is.Empty);
        _containers.Started(Build, 1, hasRunBefore: false, isNow: true);
        // Told again: by the list and by its event.
        _containers.Started(Build, 1, hasRunBefore: false, isNow: true);
        Assert.That(One().Stage, Is.EqualTo("build_script"));
        _containers.Keep(new HashSet<string>(StringComparer.Ordinal));
        Assert.That(_containers.Jobs(), Is.Empty);
    }

    private SeenJob One() => _containers.Jobs().Single();
}
