namespace CiMetrics.Hosting;

/// <summary>A word after the command that makes it do something else than run.</summary>
internal sealed record Subcommand(string Name, string Description);
