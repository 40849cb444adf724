namespace CiMetrics.Hosting;

/// <summary>A word or two after the command that make it do something else than run.</summary>
/// <param name="Name">The words.</param>
/// <param name="Description">What it does, for the help text.</param>
/// <param name="Arguments">The settings that the words after them give, all of which it needs.</param>
public sealed record Subcommand(string Name, string Description, params IReadOnlyList<Setting<string>> Arguments)
{
    /// <summary>Other words for it.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>What it does; null for what the host does itself.</summary>
    internal Func<CommandContext, Task<int>>? Run { get; init; }

    /// <summary>
    /// False for commands that look at a running service: it may have refused a file that was changed meanwhile, and
    /// live on.
    /// </summary>
    internal bool ChecksFiles { get; init; } = true;
}
