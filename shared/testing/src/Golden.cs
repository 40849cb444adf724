using System.Runtime.CompilerServices;

namespace CiMetrics.Testing;

/// <summary>Whole outputs kept beside the test. <c>UPDATE_GOLDEN=1</c> rewrites them; the difference is then read in review.</summary>
public static class Golden
{
    /// <summary>Compares with the file of that name in the test's own source folder.</summary>
    public static void Check(string actual, string name, [CallerFilePath] string testFile = "")
    {
        string path = Path.Combine(Path.GetDirectoryName(testFile)!, name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        Assert.That(File.Exists(path), Is.True, $"{path} is not there; UPDATE_GOLDEN=1 writes it. Actual:\n{actual}");
        Assert.That(actual, Is.EqualTo(File.ReadAllText(path)), $"differs from {path}; UPDATE_GOLDEN=1 rewrites it");
    }
}
