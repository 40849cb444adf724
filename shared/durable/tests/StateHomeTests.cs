namespace CiMetrics.Durable.Tests;

public sealed class StateHomeTests
{
    [TestCase("STATE_DIRECTORY=/var/lib/receiver XDG_STATE_HOME=/x HOME=/home/a", "/var/lib/receiver")]
    [TestCase("STATE_DIRECTORY=/var/lib/a:/var/lib/b", "/var/lib/a")]
    [TestCase("XDG_STATE_HOME=/x HOME=/home/a", "/x/receiver")]
    [TestCase("XDG_STATE_HOME=relative HOME=/home/a", "/home/a/.local/state/receiver")]
    [TestCase("HOME=/home/a", "/home/a/.local/state/receiver")]
    [TestCase("HOME=/", null)]
    [TestCase("", null)]
    public void The_first_that_is_set_gives_the_folder(string variables, string? expected)
    {
        Dictionary<string, string> environment = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        Assert.That(StateHome.Of("receiver", environment.GetValueOrDefault), Is.EqualTo(expected));
    }
}
