using System.IO.Enumeration;

namespace CiMetrics.Spacelift.State;

/// <summary>Which stacks get series, and how fine: what keeps the series of a large account few.</summary>
/// <param name="Spaces">Names of spaces, with * for anything; none: all.</param>
/// <param name="Names">Names of stacks, as above.</param>
/// <param name="WithStack">Whether series tell stacks apart, and not only spaces.</param>
internal sealed record ShownStacks(IReadOnlyList<string> Spaces, IReadOnlyList<string> Names, bool WithStack)
{
    /// <summary>Whether a stack of a space is shown.</summary>
    public bool Has(string space, string stack) => Matches(Spaces, space) && Matches(Names, stack);

    /// <summary>Whether a stack is shown.</summary>
    public bool Has(KnownStack stack) => Has(stack.Space, stack.Name);

    private static bool Matches(IReadOnlyList<string> patterns, string name) =>
        patterns.Count == 0 || patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));
}
