namespace CiMetrics.AlloyRunner.Toml;

/// <summary>A text is no TOML. The message says what is wrong, and never shows a value: it may be a token.</summary>
/// <param name="line">The line, from 1.</param>
/// <param name="column">The character in it, from 1.</param>
/// <param name="problem">What is wrong.</param>
internal sealed class TomlException(int line, int column, string problem) : Exception($"line {line}, column {column}: {problem}")
{
    /// <summary>The line, from 1.</summary>
    public int Line { get; } = line;

    /// <summary>The character in it, from 1.</summary>
    public int Column { get; } = column;

    /// <summary>What is wrong.</summary>
    public string Problem { get; } = problem;
}
