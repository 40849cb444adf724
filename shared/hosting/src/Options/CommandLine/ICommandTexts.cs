namespace CiMetrics.Hosting;

/// <summary>
/// How a command words its help and its version. Every command has the same, except one that takes the place of a
/// program whose users know its texts.
/// </summary>
public interface ICommandTexts
{
    /// <summary>The text of <c>--help</c>, line end included.</summary>
    string Help(HelpPage page);

    /// <summary>The text of <c>--version</c>, without a line end.</summary>
    string Version(ServiceInfo info);
}

/// <summary>What a help text is about.</summary>
/// <param name="Settings">All settings, the shared ones with a group.</param>
/// <param name="Commands">The subcommands in the order in which they are shown.</param>
/// <param name="Command">The subcommand whose help was asked for; null: the command itself.</param>
public sealed record HelpPage(SettingSet Settings, IReadOnlyList<Subcommand> Commands, string? Command);
