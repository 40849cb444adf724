using System.Text;
using CiMetrics.GitHubRunner.Diag;
using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.GitHubRunner.State;

namespace CiMetrics.GitHubRunner.Tests.Diag;

public sealed class JobMessageTests
{
    [Test]
    public void What_is_asked_for_is_found_where_it_stands_and_nowhere_else()
    {
        SimulatedJob job = new() { Name = "build (\"x\", 1)", Environment = "production", Committed = Story.At(-60), HasCheckRun = true, Attempt = 3 };
        JobMessage message = Read(JobMessageText.Of(job));
        Assert.That(message.Job, Is.EqualTo(job.Id));
        Assert.That(message.Identity, Is.EqualTo(new JobIdentity
        {
            RunId = job.RunId,
            Attempt = 3,
            CheckRunId = job.ApiId,
            Name = job.Name,
            Repository = "octo/app",
            Workflow = "CI",
            Environment = "production",
            Committed = job.Committed,
        }));
    }

    [Test]
    public void What_is_masked_so_that_it_is_no_JSON_any_more_hides_only_itself()
    {
        SimulatedJob job = new() { Attempt = 1 };
        string text = JobMessageText.Of(job).Replace("\"requestId\": 42", "\"requestId\": ***", StringComparison.Ordinal).Replace("\"t\": 2", "\"t\": ***", StringComparison.Ordinal);
        Assert.That((Read(text).Job, Read(text).Identity?.RunId), Is.EqualTo(((Guid?)job.Id, (long?)job.RunId)));
    }

    [Test]
    public void Any_text_is_read_without_an_exception([Random(0, int.MaxValue, 20)] int seed)
    {
        Random random = new(seed);
        StringBuilder text = new(JobMessageText.Of(new SimulatedJob { Committed = Story.Start }));
        for (int i = 0; i < 200; i++) text[random.Next(text.Length)] = (char)random.Next(32, 200);
        Assert.That(() => Read(text.ToString()), Throws.Nothing);
    }

    private static JobMessage Read(string text)
    {
        JobMessage message = new();
        foreach (string line in text.Split('\n')) message.Feed(Encoding.UTF8.GetBytes(line));
        return message;
    }
}
