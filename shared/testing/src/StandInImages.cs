using System.Formats.Tar;
using System.Text.RegularExpressions;

namespace CiMetrics.Testing;

/// <summary>
/// Builds a service's Dockerfile on a real engine without a registry. The base images are stand-ins under the same
/// names: of the SDK, one whose <c>dotnet</c> hands over the program that was published already; of the runtime's
/// dependencies, the host's libraries.
/// </summary>
public sealed partial class StandInImages(Dockerd engine, string dockerfile)
{
    // What runtime-deps brings beside the C library; OpenSSL is loaded when it is needed.
    private static readonly string[] Libraries =
        ["libdl.so.2", "librt.so.1", "libgcc_s.so.1", "libpthread.so.0", "libm.so.6", "libstdc++.so.6", "libc.so.6", "libssl.so.3", "libcrypto.so.3"];

    /// <summary>The default of a build argument of the Dockerfile.</summary>
    public string Argument(string name) => ArgumentLine().Matches(File.ReadAllText(dockerfile))
        .Single(match => match.Groups["name"].Value == name).Groups["value"].Value;

    /// <summary>Builds the image of a published command; <paramref name="project"/> is what the Dockerfile publishes.</summary>
    public async Task BuildAsync(string image, string command, string project)
    {
        using TempFolder folder = new();
        await ImportSdkAsync(folder, command, project);
        await ImportRuntimeAsync(folder);
        string empty = Directory.CreateDirectory(folder.PathOf("context")).FullName;
        await engine.DockerAsync("build", "--network", "none", "-f", dockerfile, "-t", image, empty);
    }

    private async Task ImportSdkAsync(TempFolder folder, string command, string project)
    {
        string dotnet = folder.Write(
            "dotnet", $"#!/bin/sh\n[ \"$1 $2\" = 'publish {project}' ] || exit 1\nwhile [ \"$1\" != -o ]; do shift; done\nmkdir -p $2 && cat /published > $2/{command} && chmod 755 $2/{command}\n");
        File.SetUnixFileMode(dotnet, (UnixFileMode)0b111_101_101);
        await ImportAsync(folder, $"mcr.microsoft.com/dotnet/sdk:{Argument("SDK")}", async tar =>
        {
            await tar.WriteEntryAsync(Requires.Program("busybox", "busybox-static"), "bin/busybox");
            foreach (string applet in (string[])["sh", "mkdir", "cat", "chmod"])
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" });
            await tar.WriteEntryAsync(dotnet, "bin/dotnet");
            await tar.WriteEntryAsync(Published.Binary(command), "published");
        });
    }

    private Task ImportRuntimeAsync(TempFolder folder) => ImportAsync(folder, $"mcr.microsoft.com/dotnet/runtime-deps:{Argument("RUNTIME")}", async tar =>
    {
        // A folder without an entry of its own would be closed to all but root.
        foreach (string open in (string[])["usr", "usr/bin", "usr/lib", "usr/lib/x86_64-linux-gnu", "lib64"])
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, open) { Mode = (UnixFileMode)0b111_101_101 });
        await WriteAsync(tar, "/lib64/ld-linux-x86-64.so.2", "lib64/ld-linux-x86-64.so.2");
        foreach (string library in Libraries) await WriteAsync(tar, $"/usr/lib/x86_64-linux-gnu/{library}", $"usr/lib/x86_64-linux-gnu/{library}");
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, "lib") { LinkName = "usr/lib" });
    });

    /// <summary>The file itself: libraries are links to their versions.</summary>
    private static async Task WriteAsync(TarWriter tar, string path, string name) =>
        await tar.WriteEntryAsync(new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path, name);

    private async Task ImportAsync(TempFolder folder, string name, Func<TarWriter, Task> fill)
    {
        string path = folder.PathOf($"{Guid.NewGuid()}.tar");
        await using (FileStream file = File.Create(path))
        await using (TarWriter tar = new(file))
        {
            await fill(tar);
        }

        await engine.DockerAsync("import", "-c", "ENV PATH=/bin:/usr/bin", path, name);
    }

    [GeneratedRegex(@"^ARG (?<name>\w+)=(?<value>\S+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex ArgumentLine();
}
