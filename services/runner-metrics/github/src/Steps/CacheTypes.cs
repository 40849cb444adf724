namespace CiMetrics.GitHubRunner.Steps;

/// <summary>What is cached: the values of the label <c>cache_type</c>. There are no others.</summary>
internal static class CacheTypes
{
    public const string BuildKit = "buildkit";
    public const string Other = "other";

    private static readonly (string Part, string Type)[] Parts =
    [
        (".npm", "npm"), ("node_modules", "npm"), ("pnpm", "pnpm"), ("yarn", "yarn"), ("/pip", "pip"), ("pypoetry", "poetry"), (".m2", "maven"), ("gradle", "gradle"),
        ("go-build", "go"), ("go/pkg/mod", "go"), (".cargo", "cargo"), (".nuget", "nuget"), ("bundle", "bundler"), ("composer", "composer"),
    ];

    private static readonly HashSet<string> Managers = ["npm", "pnpm", "yarn", "pip", "pipenv", "poetry", "go", "maven", "gradle", "sbt", "nuget"];

    /// <summary>What is kept in a path, or under a key, that a workflow names.</summary>
    public static string OfPath(string text) => Parts.FirstOrDefault(part => text.Contains(part.Part, StringComparison.OrdinalIgnoreCase)).Type ?? Other;

    /// <summary>What a package manager's cache holds.</summary>
    public static string OfManager(string name) => Managers.Contains(name) ? name : Other;
}
