using System.Runtime.InteropServices;

namespace CiMetrics.Testing;

/// <summary>
/// What a test needs from the machine. A missing thing skips the test with the name of the Debian package that brings
/// it; with <c>CI=true</c> it fails the test, so that a green run never hides an unexercised component.
/// </summary>
public static class Requires
{
    /// <summary>True where nothing may be skipped.</summary>
    public static bool InCi { get; } = string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether this process is root.</summary>
    public static bool IsRoot => GetEffectiveUserId() == 0;

    /// <summary>The full path of a program on PATH (or in the sbin folders, which a user's PATH often lacks).</summary>
    public static string Program(string name, string package)
    {
        foreach (string folder in SearchPath())
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path)) return path;
        }

        Missing($"{name} is not installed: apt-get install {package}");
        return "";
    }

    /// <summary>Debian's Python with prometheus_client: another interpreter on PATH does not see the package.</summary>
    public static string PythonWithPrometheusClient()
    {
        const string interpreter = "/usr/bin/python3";
        if (!File.Exists(interpreter) || !Directory.Exists("/usr/lib/python3/dist-packages/prometheus_client"))
            Missing("prometheus_client for Python is not installed: apt-get install python3-prometheus-client");
        return interpreter;
    }

    /// <summary>The test needs to be root, as dockerd does.</summary>
    public static void Root()
    {
        if (!IsRoot) Missing("not root: dockerd, cgroups and other users' processes need it");
    }

    /// <summary>Skips the test with a reason, or fails it where nothing may be skipped.</summary>
    public static void Missing(string reason)
    {
        if (InCi) Assert.Fail($"{reason} (CI=true: nothing may be skipped)");
        Assert.Ignore(reason);
    }

    private static IEnumerable<string> SearchPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"]);

    [DllImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint GetEffectiveUserId();
}
