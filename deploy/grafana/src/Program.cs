// Writes every dashboard below deploy/grafana: ./build.sh dashboards
using CiMetrics.Dashboards;

if (args is not [var folder])
{
    await Console.Error.WriteLineAsync("usage: FOLDER (deploy/grafana)");
    return 2;
}

foreach ((string name, string text) in DashboardFiles.Of(folder))
{
    string path = Path.Combine(folder, name);
    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    await File.WriteAllTextAsync(path, text);
    Console.WriteLine(path);
}

return 0;
