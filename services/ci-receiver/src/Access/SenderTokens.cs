using System.Security.Cryptography;
using System.Text;

namespace CiMetrics.Receiver.Access;

/// <summary>
/// Who may send: tokens, each alone on a line or followed by the project that it may speak for (and those below it). A
/// line of the same token adds a project; lines that begin with <c>#</c> are comments.
/// </summary>
internal sealed class SenderTokens
{
    private const int LongestToken = 512;
    private const int MostTokens = 10_000;

    // Looked up by a hash with a key of its own: how long that takes says nothing about a token.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Dictionary<string, Sender> _senders = new(StringComparer.Ordinal);

    /// <summary>How many tokens there are.</summary>
    public int Count => _senders.Count;

    /// <summary>Reads the text of a file; null and the rule that it breaks, which does not show any token.</summary>
    public static SenderTokens? Parse(string text, out string? rule)
    {
        SenderTokens tokens = new();
        rule = null;
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            string[] words = line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0].StartsWith('#')) continue;
            if (words.Length > 2 || words[0].Length > LongestToken || words[0].Any(c => c is < '!' or > '~'))
                rule = $"line {number} must be a token of up to {LongestToken} visible ASCII characters and, after a space, at most one project";
            else if (tokens.Count == MostTokens)
                rule = $"must have at most {MostTokens} tokens";
            if (rule is not null) return null;
            tokens.Add(words[0], words.Length == 2 ? words[1] : null);
        }

        if (tokens.Count == 0) rule = "must have at least one token";
        return rule is null ? tokens : null;
    }

    /// <summary>The sender of an <c>Authorization</c> header; null where it names none.</summary>
    public Sender? Find(string? header)
    {
        const string Scheme = "Bearer ";
        return header is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? _senders.GetValueOrDefault(HashOf(header[Scheme.Length..].Trim())) : null;
    }

    private void Add(string token, string? project)
    {
        string hash = HashOf(token);
        _senders[hash] = (_senders.GetValueOrDefault(hash) ?? Sender.OfNone).With(project);
    }

    private string HashOf(string token) => Convert.ToBase64String(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(token)));
}

/// <summary>What a token is allowed.</summary>
internal sealed record Sender
{
    private string[] _projects = [];

    private Sender()
    {
    }

    /// <summary>Speaks for every project.</summary>
    public static Sender OfAll { get; } = new() { IsFree = true };

    /// <summary>Speaks for no project.</summary>
    public static Sender OfNone { get; } = new();

    private bool IsFree { get; init; }

    /// <summary>Also speaks for a project and those below it; null: for all.</summary>
    public Sender With(string? project) => project is null ? OfAll : this with { _projects = [.. _projects, project.TrimEnd('/')] };

    /// <summary>Whether it speaks for a project.</summary>
    public bool MaySend(string project) =>
        IsFree || Array.Exists(_projects, own => project.StartsWith(own, StringComparison.Ordinal) && (project.Length == own.Length || project[own.Length] == '/'));
}
