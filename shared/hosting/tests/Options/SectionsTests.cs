namespace CiMetrics.Hosting.Tests;

/// <summary>Named groups of keys and values.</summary>
public sealed class SectionsTests
{
    private Reading _reading = null!;
    private Setting<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> _accounts = null!;

    [SetUp]
    public void Declare()
    {
        _reading = new Reading();
        _accounts = _reading.Settings.Sections("accounts", "Accounts", "url", "key");
    }

    [Test]
    public void The_file_the_environment_and_flags_are_merged_per_name_and_key()
    {
        Assert.That(
            _reading.Read("--accounts a.key=flag", "MY_EXPORTER__ACCOUNTS=b.c.url=http://x/?y=z", "accounts:\n  a:\n    url: http://a\n    key: file"), Is.Empty);
        Assert.That(_accounts.Value.Keys, Is.EqualTo(new[] { "a", "b.c" }));
        Assert.That((_accounts.Value["a"]["url"], _accounts.Value["a"]["key"], _accounts.Value["b.c"]["url"]), Is.EqualTo(("http://a", "flag", "http://x/?y=z")));
    }

    [TestCase("accounts:\n  a: 1", "must be a mapping of keys and values")]
    [TestCase("accounts: [a]", "must be a mapping")]
    [TestCase("accounts:\n  a:\n    keyy: hidden", "did you mean")]
    [TestCase("accounts:\n  a:\n    key: ''", "must have a value")]
    [TestCase("accounts:\n  a:\n    key: [hidden]", "must be a single value")]
    public void Mistakes_are_named_without_the_value(string file, string problem)
    {
        string problems = string.Join('\n', _reading.Read("", null, file));
        Assert.That(problems, Does.Contain(problem).And.Not.Contain("hidden"));
    }
}
