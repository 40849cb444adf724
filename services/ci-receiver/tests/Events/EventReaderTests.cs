using CiMetrics.Receiver.Events;

namespace CiMetrics.Receiver.Tests.Events;

public sealed class EventReaderTests
{
    private static readonly DateTimeOffset Received = new(2026, 1, 2, 3, 10, 0, TimeSpan.Zero);

    [Test]
    public void The_duration_is_from_start_to_end()
    {
        JobEvent job = Read(("started", "2026-01-02T03:00:00Z"), ("finished", "2026-01-02T04:01:30.5+01:00"));
        Assert.That(job.Seconds, Is.EqualTo(90.5));
        Assert.That(job.Warnings, Is.Empty);
    }

    [Test]
    public void Without_an_end_it_is_the_receipt() => Assert.That(Read(("started", "2026-01-02T03:00:00Z")).Seconds, Is.EqualTo(600));

    [TestCase("2023-05023T13:01:00Z", "2026-01-02T03:00:00Z", "started_", "RFC 3339")]
    [TestCase("2026-01-02T03:00:00Z", "yesterday", "finished", "RFC 3339")]
    [TestCase("", null, "started", "not given")]
    [TestCase("1970-01-01T00:00:00Z", null, "started", "more than 31 days")]
    [TestCase("CI_JOB_STARTED_AT", null, "started", "the $ before CI_JOB_STARTED_AT is missing")]
    [TestCase("2026-01-02T03:00:00Z", "$CI_JOB_FINISHED_AT", "finished", "was not expanded")]
    public void A_duration_that_cannot_be_told_is_not_recorded_and_the_sender_learns_why(string started, string? finished, string field, string reason)
    {
        JobEvent job = Read(("started", started), ("finished", finished));
        Assert.That(job.Seconds, Is.Null);
        Assert.That(job.Warnings.Single().Text, Does.StartWith(field.TrimEnd('_')).And.Contain(reason));
    }

    [Test]
    public void A_start_after_the_end_is_a_duration_of_zero_and_a_warning()
    {
        JobEvent job = Read(("started", "2026-01-02T03:00:10Z"), ("finished", "2026-01-02T03:00:00Z"));
        Assert.That(job.Seconds, Is.Zero);
        Assert.That(job.Warnings.Single().Reason, Is.EqualTo(WarningReason.DurationNegative));
    }

    [TestCase("success", "success")]
    [TestCase("FAILED", "failed")]
    [TestCase("canceled", "canceled")]
    [TestCase("cancelled", "canceled")]
    [TestCase("failure", "failed")]
    [TestCase("timedout", "timedout")]
    public void A_status_of_a_CI_system_is_known(string text, string expected)
    {
        JobEvent job = Read(("status", text), ("started", "2026-01-02T03:00:00Z"));
        Assert.That(job.Status, Is.EqualTo(expected));
        Assert.That(job.Warnings, Is.Empty);
    }

    [Test]
    public void Any_other_status_is_other_and_a_warning()
    {
        JobEvent job = Read(("status", "on fire"), ("started", "2026-01-02T03:00:00Z"));
        Assert.That(job.Status, Is.EqualTo("other"));
        Assert.That(job.Warnings.Single().Reason, Is.EqualTo(WarningReason.StatusUnknown));
    }

    [TestCase("CI_JOB_STATUS")]
    [TestCase("$CI_JOB_STATUS")]
    [TestCase("${CI_JOB_STATUS}")]
    public void The_name_of_a_variable_is_unknown_and_the_missing_dollar_is_named(string text)
    {
        JobEvent job = Read(("status", text), ("project", "CI_PROJECT_PATH"), ("name", "$CI_JOB_NAME"), ("started", "2026-01-02T03:00:00Z"));
        Assert.That((job.Status, job.Project, job.Name.Value), Is.EqualTo(("unknown", "unknown", "unknown")));
        Assert.That(job.Warnings.Select(warning => warning.Unexpanded), Is.EquivalentTo(new[] { EventField.Name, EventField.Project, EventField.Status }));
        Assert.That(job.Warnings.Select(warning => warning.Text), Has.Some.Contains("the $ before CI_PROJECT_PATH is missing"));
    }

    [TestCase("group/CI_TOOLS")]
    [TestCase("CI_TOOLS")]
    [TestCase("ci_job_status")]
    public void A_project_that_only_looks_like_a_variable_is_a_project(string project) =>
        Assert.That(Read(("project", project)).Project, Is.EqualTo(project));

    [Test]
    public void A_key_that_is_a_variable_s_name_would_make_all_jobs_one_and_is_no_key() =>
        Assert.That(Read(("id", "$CI_JOB_ID")).Key, Is.Null);

    [Test]
    public void An_empty_key_is_none_and_the_sender_is_told()
    {
        Assert.That(Read(("id", "")).Key, Is.Null);
        Assert.That(Read(("id", "")).Warnings.Select(warning => warning.Reason), Does.Contain(WarningReason.KeyEmpty));
    }

    [Test]
    public void Equal_keys_are_equal_and_the_header_s_serves_where_there_is_no_id()
    {
        EventKey? key = Read(("id", "4711")).Key;
        Assert.That(key, Is.Not.Null);
        Assert.That(Read(("id", "4711"), ("name", "other job")).Key, Is.EqualTo(key));
        Assert.That(Read(("id", "4712")).Key, Is.Not.EqualTo(key));
        Assert.That(EventReader.Read(Raw(), "4711", Received, out _)!.Key, Is.EqualTo(key));
        Assert.That(Read().Key, Is.Null);
    }

    [TestCase("name", null, "must be given")]
    [TestCase("project", null, "must be given")]
    [TestCase("status", null, "must be given")]
    [TestCase("name", " ", "must not be empty")]
    [TestCase("project", "", "must not be empty")]
    [TestCase("project", "a\nb", "must not contain control characters")]
    [TestCase("id", "a\tb", "must not contain control characters")]
    public void A_field_that_breaks_a_rule_is_named_with_value_and_rule(string field, string? value, string rule)
    {
        Refusal refusal = Refused((field, value));
        Assert.That((refusal.Status, refusal.Field, refusal.Rule), Is.EqualTo((400, field, rule)));
        Assert.That(refusal.Detail, Does.Contain(field).And.Contain(rule));
    }

    [TestCase("name", 1025)]
    [TestCase("project", 256)]
    [TestCase("id", 257)]
    [TestCase("url", 2049)]
    [TestCase("started", 2049)]
    public void Lengths_are_limited(string field, int length)
    {
        Assert.That(Refused((field, new string('a', length))).Rule, Is.EqualTo($"must have at most {length - 1} characters"));
        Assert.That(EventReader.Read(Raw((field, new string('a', length - 1))), null, Received, out _), Is.Not.Null);
    }

    [Test]
    public void An_unknown_field_is_a_warning() =>
        Assert.That(Read(("stauts", "x")).Warnings.Select(warning => warning.Reason), Has.Member(WarningReason.UnknownField));

    [Test]
    public void A_field_given_twice_is_refused()
    {
        RawEvent raw = Raw();
        Assert.That(raw.Set("name", "b")?.Rule, Does.Contain("must not be given twice"));
    }

    private static JobEvent Read(params (string Field, string? Value)[] fields) => EventReader.Read(Raw(fields), null, Received, out Refusal? refusal) ?? throw new AssertionException(refusal!.Detail);

    private static Refusal Refused(params (string Field, string? Value)[] fields)
    {
        Assert.That(EventReader.Read(Raw(fields), null, Received, out Refusal? refusal), Is.Null);
        return refusal!;
    }

    private static RawEvent Raw(params (string Field, string? Value)[] fields)
    {
        RawEvent raw = new();
        foreach ((string field, string? value) in fields.Where(field => field.Value is not null)) Assert.That(raw.Set(field, value), Is.Null);
        foreach ((string field, string value) in new[] { ("name", "build"), ("project", "group/app"), ("status", "success") })
        {
            if (fields.All(given => given.Field != field)) raw.Set(field, value);
        }

        return raw;
    }
}
