// What can be built, tested and published is found by folder: src, tests and sim below shared/ and services/,
// and whatever stands in bench/, deploy/ and tools/. A new service edits nothing here.
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using System.Xml.Linq;

var target = Argument("target", "test");
var filter = Argument("filter", "");
var only = Argument("only", "");
const string Configuration = "Release";
const string Platform = "linux-x64";
const int MostUnsteady = 3;

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
    var all = GetFiles("./{shared,services,tools,bench,deploy,docs}/**/*.csproj").Select(file => root.GetRelativePath(file).FullPath).OrderBy(path => path, StringComparer.Ordinal);
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

Task("test").IsDependentOn("build").IsDependentOn("publish").Does(() => Test("Category!=Stress", hangMinutes: 10));
Task("stress").IsDependentOn("build").IsDependentOn("publish").Does(() => Test("Category=Stress", hangMinutes: 60));

// By the engine that the docker command talks to. An image has its Dockerfile's title for a name.
Task("images").Does(() =>
{
    var version = XDocument.Load("Directory.Build.props").Descendants("VersionPrefix").Single().Value;
    var labels = $"--build-arg VERSION={version} --build-arg REVISION={Git("rev-parse HEAD")} --build-arg SOURCE={WithoutUser(Git("remote get-url origin"))}";
    foreach (var dockerfile in Projects("./services/**/Dockerfile"))
    {
        var name = Regex.Match(System.IO.File.ReadAllText(dockerfile.FullPath), "image.title=\"([^\"]+)\"").Groups[1].Value;
        Information("== {0}", name);
        Run("docker", $"build -f \"{dockerfile}\" -t {name}:{version} -t {name}:latest {labels} \"{root}\"");
    }
});

// With --real every image is published in its own build, by the public bases where they can be pulled.
Task("images-test").IsDependentOn("publish").Does(() =>
{
    var table = artifacts.CombineWithFilePath("images.md").FullPath;
    System.IO.File.Delete(table);
    DotNetTest("./deploy/images/tests", new DotNetTestSettings
    {
        Configuration = Configuration,
        NoLogo = true,
        EnvironmentVariables = new Dictionary<string, string> { ["REAL_IMAGES"] = HasArgument("real") ? "1" : "0" },
    });
    if (System.IO.File.Exists(table)) Information(System.IO.File.ReadAllText(table));
});

Task("bench").IsDependentOn("publish").Does(() =>
{
    foreach (var bench in Projects("./bench/**/*.csproj"))
    {
        Information("== {0}", root.GetRelativePath(bench.GetDirectory()));
        DotNetRun(bench.FullPath, new DotNetRunSettings { Configuration = Configuration });
    }
});

// The sources of the dashboards are in deploy/grafana/src.
Task("dashboards").Does(() => Run("dotnet", "run --project deploy/grafana/src -c Release -- deploy/grafana"));

Task("format").IsDependentOn("solution").Does(() => Run("dotnet", "format CiMetrics.slnx"));

RunTarget(target);

void Run(string program, string arguments)
{
    var exitCode = StartProcess(program, arguments);
    if (exitCode != 0) throw new CakeException($"{program} {arguments}: exit code {exitCode}");
}

// Empty where git does not know.
string Git(string arguments) =>
    StartProcess("git", new ProcessSettings { Arguments = arguments, RedirectStandardOutput = true, RedirectStandardError = true }, out var lines, out _) == 0 ? string.Join("", lines) : "";

// A remote's URL may carry a password.
string WithoutUser(string url) => Regex.Replace(url, "^([a-z]+://)[^/@]*@", "$1");

// Every test project runs, also after one has failed; the totals are read from the result files, which cannot be misread.
void Test(string category, int hangMinutes)
{
    var results = artifacts.Combine("test-results");
    CleanDirectory(results);
    var expression = filter == "" ? category : $"({category})&({filter})";
    var projects = Projects("./{shared,services,tools,bench,deploy,docs}/**/tests/*.csproj").ToDictionary(project => project.GetFilenameWithoutExtension().ToString());
    FilePath ResultsOf(string name) => results.CombineWithFilePath($"{name}.trx");
    // Those that mostly wait run beside the others; what they print comes after the others' output.
    var beside = projects.Where(project => XDocument.Load(project.Value.FullPath).Descendants("RunsBesideOthers").Any(property => property.Value == "true"))
        .ToDictionary(project => project.Key, project => StartTests(project.Value, ResultsOf(project.Key), expression, hangMinutes));
    var broken = projects.Keys.Except(beside.Keys).Where(name => RunTests(projects[name], ResultsOf(name), expression, hangMinutes) != 0).ToList();
    foreach (var (name, process) in beside)
    {
        process.WaitForExit();
        foreach (var line in process.GetStandardOutput()) Information("{0}", line);
        if (process.GetExitCode() != 0) broken.Add(name);
    }

    // A project whose host crashed leaves no results, and must not look like one without failures.
    var silent = broken.Where(name => !System.IO.File.Exists(ResultsOf(name).FullPath)).ToList();

    var outcomes = projects.Keys.ToDictionary(name => name, name => Outcomes(ResultsOf(name)));
    foreach (var (test, reason) in outcomes.Values.SelectMany(all => all).Where(test => test.Outcome == "NotExecuted").Select(test => (test.Name, test.Output)))
        Information("skipped: {0}: {1}", test, reason);
    var failed = outcomes.SelectMany(project => project.Value.Where(test => test.Outcome is not ("Passed" or "NotExecuted")).Select(test => (Project: project.Key, test.Name))).ToList();
    foreach (var test in failed) Information("failed: {0}: {1}", test.Project, test.Name);

    // A handful may be a machine that stood still for a while: they get one more run, alone, and are named as unsteady,
    // which is a defect of its own. More than that is no accident.
    if (failed.Count is > 0 and <= MostUnsteady && silent.Count == 0)
    {
        foreach (var project in failed.GroupBy(test => test.Project))
        {
            var again = results.CombineWithFilePath($"{project.Key}.again.trx");
            var names = string.Join("|", project.Select(test => test.Name.Split('(')[0]).Distinct().Select(name => $"FullyQualifiedName~{name}"));
            if (RunTests(projects[project.Key], again, $"({category})&({names})", hangMinutes) != 0) continue;
            var passedAgain = Outcomes(again).Where(test => test.Outcome == "Passed").Select(test => test.Name).ToHashSet();
            foreach (var test in project.Where(test => passedAgain.Contains(test.Name)))
            {
                Warning("unsteady: {0}: {1} failed once and passed alone", test.Project, test.Name);
                failed.Remove(test);
            }
            if (failed.All(test => test.Project != project.Key)) broken.Remove(project.Key);
        }
    }

    var skipped = outcomes.Values.Sum(all => all.Count(test => test.Outcome == "NotExecuted"));
    var passed = outcomes.Values.Sum(all => all.Count) - skipped - failed.Count;
    var totals = $"{passed} passed, {failed.Count + silent.Count} failed, {skipped} skipped";
    Information(totals);
    System.IO.File.WriteAllText(results.CombineWithFilePath("totals.txt").FullPath, totals + "\n");
    if (broken.Count > 0) throw new CakeException($"failed: {string.Join(", ", broken)}");
    if (passed == 0) throw new CakeException("no test ran");
}

int RunTests(FilePath project, FilePath results, string expression, int hangMinutes) =>
    StartProcess("dotnet", TestSettings(project, results, expression, hangMinutes));

IProcess StartTests(FilePath project, FilePath results, string expression, int hangMinutes)
{
    var settings = TestSettings(project, results, expression, hangMinutes);
    settings.RedirectStandardOutput = true;
    return StartAndReturnProcess("dotnet", settings);
}

ProcessSettings TestSettings(FilePath project, FilePath results, string expression, int hangMinutes) => new()
{
    Arguments = $"test \"{project}\" -c {Configuration} --no-build --nologo --results-directory \"{results.GetDirectory()}\" --logger \"trx;LogFileName={results.GetFilename()}\" --logger \"console;verbosity=minimal\" --filter \"{expression}\" --blame-hang-timeout {hangMinutes}m --blame-hang-dump-type none",
};

List<(string Name, string Outcome, string Output)> Outcomes(FilePath results) =>
    !System.IO.File.Exists(results.FullPath)
        ? []
        : XDocument.Load(results.FullPath).Descendants().Where(element => element.Name.LocalName == "UnitTestResult")
            .Select(result => (result.Attribute("testName").Value, (string)result.Attribute("outcome") ?? "none", result.Value.Trim())).ToList();
