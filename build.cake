// What can be built, tested and published is found by folder: src, tests and sim below shared/ and services/,
// and whatever stands in bench/ and tools/. A new service edits nothing here.
using System.IO.Compression;
using System.Security.Cryptography;
using System.Xml.Linq;

var target = Argument("target", "test");
var filter = Argument("filter", "");
var only = Argument("only", "");
const string Configuration = "Release";
const string Platform = "linux-x64";

var root = Context.Environment.WorkingDirectory;
var artifacts = root.Combine("artifacts");

IEnumerable<FilePath> Projects(string pattern) =>
    GetFiles(pattern).Where(file => only == "" || file.FullPath.Contains(only)).OrderBy(file => file.FullPath, StringComparer.Ordinal);
IEnumerable<FilePath> Services() =>
    GetFiles("./services/**/src/*.csproj").OrderBy(file => file.FullPath, StringComparer.Ordinal).Where(file => XDocument.Load(file.FullPath).Descendants("OutputType").Any(type => type.Value == "Exe"));
string CommandOf(FilePath service) =>
    XDocument.Load(service.FullPath).Descendants("AssemblyName").Single().Value;

Task("clean").Does(() =>
{
    CleanDirectories("./**/bin");
    CleanDirectories("./**/obj");
    CleanDirectory(artifacts);
});

// The solution file is for editors; it is written from the folders so that nobody has to keep it.
Task("solution").Does(() =>
{
    var all = GetFiles("./{shared,services,tools,bench}/**/*.csproj").Select(file => root.GetRelativePath(file).FullPath).OrderBy(path => path, StringComparer.Ordinal);
    var folders = all.GroupBy(path => path.Substring(0, path.LastIndexOf('/', path.LastIndexOf('/') - 1)));
    var solution = new XElement("Solution", folders.Select(folder =>
        new XElement("Folder", new XAttribute("Name", $"/{folder.Key}/"), folder.Select(path => new XElement("Project", new XAttribute("Path", path))))));
    var text = solution + "\n";
    var path = root.CombineWithFilePath("CiMetrics.slnx").FullPath;
    if (!System.IO.File.Exists(path) || System.IO.File.ReadAllText(path) != text) System.IO.File.WriteAllText(path, text);
});

Task("build").IsDependentOn("solution").Does(() =>
    DotNetBuild("CiMetrics.slnx", new DotNetBuildSettings { Configuration = Configuration, Verbosity = DotNetVerbosity.Quiet, NoLogo = true }));

Task("publish").Does(() =>
{
    var package = artifacts.Combine("packages");
    CleanDirectory(package);
    foreach (var service in Services())
    {
        var command = CommandOf(service);
        var folder = artifacts.Combine("publish").Combine(command);
        CleanDirectory(folder);
        DotNetPublish(service.FullPath, new DotNetPublishSettings
        {
            Configuration = Configuration,
            Runtime = Platform,
            SelfContained = true,
            OutputDirectory = folder,
            Verbosity = DotNetVerbosity.Quiet,
            NoLogo = true,
        });
        DeleteFiles($"{folder}/*.xml");

        var archive = package.CombineWithFilePath($"{command}-{Platform}.tar.gz");
        Run("tar", $"-C {folder} --owner=0 --group=0 --sort=name --mtime=@0 -czf {archive} {command}");
        Information("{0,8:N1} MB  {1}", new System.IO.FileInfo(folder.CombineWithFilePath(command).FullPath).Length / 1e6, root.GetRelativePath(folder.CombineWithFilePath(command)));
    }

    var packages = GetFiles($"{artifacts}/packages/*.tar.gz").OrderBy(file => file.FullPath, StringComparer.Ordinal);
    System.IO.File.WriteAllLines(
        artifacts.CombineWithFilePath("packages/SHA256SUMS").FullPath,
        packages.Select(file => $"{Convert.ToHexString(SHA256.HashData(System.IO.File.ReadAllBytes(file.FullPath))).ToLowerInvariant()}  {file.GetFilename()}"));
});

Task("test").IsDependentOn("build").IsDependentOn("publish").Does(() => Test("Category!=Stress", hangMinutes: 5));
Task("stress").IsDependentOn("build").IsDependentOn("publish").Does(() => Test("Category=Stress", hangMinutes: 60));

Task("bench").IsDependentOn("publish").Does(() =>
{
    foreach (var bench in Projects("./bench/**/*.csproj"))
    {
        Information("== {0}", root.GetRelativePath(bench.GetDirectory()));
        DotNetRun(bench.FullPath, new DotNetRunSettings { Configuration = Configuration });
    }
});

Task("format").IsDependentOn("solution").Does(() => Run("dotnet", "format CiMetrics.slnx"));

RunTarget(target);

void Run(string program, string arguments)
{
    var exitCode = StartProcess(program, arguments);
    if (exitCode != 0) throw new CakeException($"{program} {arguments}: exit code {exitCode}");
}

// Every test project runs, also after one has failed; the totals are read from the result files, which cannot be misread.
void Test(string category, int hangMinutes)
{
    var results = artifacts.Combine("test-results");
    CleanDirectory(results);
    var broken = new List<string>();
    foreach (var project in Projects("./{shared,services,tools,bench,deploy}/**/tests/*.csproj"))
    {
        var name = project.GetFilenameWithoutExtension().ToString();
        var expression = filter == "" ? category : $"({category})&({filter})";
        var exitCode = StartProcess("dotnet", new ProcessSettings
        {
            Arguments = $"test \"{project}\" -c {Configuration} --no-build --nologo --results-directory \"{results}\" --logger \"trx;LogFileName={name}.trx\" --logger \"console;verbosity=minimal\" --filter \"{expression}\" --blame-hang-timeout {hangMinutes}m --blame-hang-dump-type none",
        });
        if (exitCode != 0) broken.Add(name);
    }

    int passed = 0, failed = 0, skipped = 0;
    foreach (var file in GetFiles($"{results}/*.trx"))
    {
        foreach (var result in XDocument.Load(file.FullPath).Descendants().Where(element => element.Name.LocalName == "UnitTestResult"))
        {
            switch ((string)result.Attribute("outcome"))
            {
                case "Passed": passed++; break;
                case "NotExecuted": skipped++; Information("skipped: {0}: {1}", result.Attribute("testName").Value, result.Value.Trim()); break;
                default: failed++; Information("failed: {0}", result.Attribute("testName").Value); break;
            }
        }
    }

    // A project whose host crashed leaves no results, and must not look like one without failures.
    var silent = broken.Count(name => !System.IO.File.Exists(results.CombineWithFilePath($"{name}.trx").FullPath));
    failed += silent;
    Information("{0} passed, {1} failed, {2} skipped", passed, failed, skipped);
    System.IO.File.WriteAllText(artifacts.CombineWithFilePath("test-results/totals.txt").FullPath, $"{passed} passed, {failed} failed, {skipped} skipped\n");
    if (broken.Count > 0) throw new CakeException($"failed: {string.Join(", ", broken)}");
    if (passed == 0) throw new CakeException("no test ran");
}
