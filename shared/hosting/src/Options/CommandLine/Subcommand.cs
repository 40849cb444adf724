namespace CiMetrics.Hosting;

/// <summary>A word after the command that makes it do something else than run.</summary>
/// <param name="Name">The word.</param>
/// <param name="Description">What it does, for the help text.</param>
/// <param name="Arguments">The settings that the words after it give, all of which it needs.</param>
internal sealed record Subcommand(string Name, string Description, params IReadOnlyList<Setting<string>> Arguments)
{
    /// <summary>What it does; null for what the host does itself.</summary>
    public Func<CommandContext, Task<int>>? Run { get; init; }
}
