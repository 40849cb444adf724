using CiMetrics.Testing;

namespace CiMetrics.Systemd.Tests;

/// <summary>A unit file of <c>deploy/systemd</c>.</summary>
internal sealed record UnitFile(string Name, string Text, IReadOnlyList<KeyValuePair<string, string>> Settings)
{
    /// <summary>The words of its command.</summary>
    public string[] Command => Settings.Single(setting => setting.Key == "ExecStart").Value.Split(' ');

    /// <summary>Where its program is installed.</summary>
    public string Program => Command[0];

    /// <summary>The published program.</summary>
    public string Binary => Published.Binary(Path.GetFileName(Program));

    /// <summary>Reads one.</summary>
    public static UnitFile Read(string name)
    {
        string text = File.ReadAllText(Repository.PathOf("deploy", "systemd", name));
        return new UnitFile(name, text, [.. text.Split('\n')
            .Where(line => line.Contains('=', StringComparison.Ordinal) && !line.StartsWith('#'))
            .Select(line => line.Split('=', 2))
            .Select(pair => KeyValuePair.Create(pair[0], pair[1]))]);
    }
}
