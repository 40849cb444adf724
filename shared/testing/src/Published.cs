namespace CiMetrics.Testing;

/// <summary>The published programs, which are what users run: trimming breaks things that a build does not show.</summary>
public static class Published
{
    /// <summary>The executable that <c>./build.sh publish</c> made for a command.</summary>
    public static string Binary(string command)
    {
        string path = Repository.PathOf("artifacts", "publish", command, command);
        if (!File.Exists(path)) Requires.Missing($"artifacts/publish/{command}/{command} is not there: run ./build.sh publish");
        return path;
    }
}
