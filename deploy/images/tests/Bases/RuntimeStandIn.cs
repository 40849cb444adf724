using CiMetrics.Testing;

namespace CiMetrics.Images.Tests.Bases;

/// <summary>
/// Stands in for the chiseled image that the Dockerfiles end on: the files of the same packages and no more. What that image
/// lacks (a shell, libcrypt, /etc/services) is missing here too, or a green build would hide a broken image.
/// </summary>
internal static class RuntimeStandIn
{
    private static readonly string[] Packages = ["base-files", "ca-certificates", "libc6", "libgcc-s1", "libssl3", "libstdc++6", "tzdata", "zlib1g"];

    // Documents, scripts and tables that the chiseled packages leave out.
    private static readonly string[] LeftOut =
        ["usr/share/doc", "usr/share/man", "usr/share/lintian", "usr/sbin", "usr/lib/x86_64-linux-gnu/gconv", "etc/update-motd.d", "etc/skel", "etc/profile.d"];

    /// <summary>Unpacks the packages of the machine's own Debian into a folder.</summary>
    public static async Task UnpackAsync(string root)
    {
        using TempFolder folder = new();
        await Tool.RunAsync("env", ["-C", folder.Path, "apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", .. Packages]);
        foreach (string package in Directory.GetFiles(folder.Path, "*.deb")) await Tool.RunAsync("dpkg-deb", "-x", package, root);
        foreach (string path in LeftOut.Select(name => Path.Combine(root, name)).Where(Directory.Exists)) Directory.Delete(path, recursive: true);

        // Installing would have made these.
        string certificates = string.Concat(
            Directory.EnumerateFiles(Path.Combine(root, "usr/share/ca-certificates"), "*.crt", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllText));
        Write(root, "etc/ssl/certs/ca-certificates.crt", certificates);
        Write(root, "etc/passwd", "root:x:0:0:root:/root:/usr/sbin/nologin\napp:x:1654:1654::/home/app:/usr/sbin/nologin\n");
        Write(root, "etc/group", "root:x:0:\napp:x:1654:\n");
        Directory.CreateDirectory(Path.Combine(root, "home", "app"));
        await Tool.RunAsync("chown", "1654:1654", Path.Combine(root, "home", "app"));
        Directory.CreateDirectory(Path.Combine(root, "tmp"));
        await Tool.RunAsync("chmod", "1777", Path.Combine(root, "tmp"));
    }

    private static void Write(string root, string name, string text)
    {
        string path = Path.Combine(root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
