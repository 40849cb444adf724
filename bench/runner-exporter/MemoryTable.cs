namespace CiMetrics.RunnerExporter.Bench;

/// <summary>Resident memory after a thousand scrapes, as shipped and with runtime settings that a unit file can give.</summary>
internal static class MemoryTable
{
    private const int Builds = 10;
    private const int Scrapes = 1000;

    private static readonly (string Name, string Value)[][] Environments =
    [
        [],
        [("DOTNET_TieredCompilation", "0")],
        [("DOTNET_EnableWriteXorExecute", "0")],
        [("DOTNET_GCConserveMemory", "9")],
        [("MALLOC_ARENA_MAX", "1")],
    ];

    public static async Task PrintAsync(PublishedExporter program)
    {
        Console.WriteLine($"Resident memory with {Builds} builds in MB, program of {program.Bytes / 1e6:n1} MB. Aim: under 45 after {Scrapes:n0} scrapes.");
        Console.WriteLine();
        Console.WriteLine("| environment | first answer, s | at start | after 1,000 scrapes | anonymous | files | code of the JIT and the types |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
        await using Engine engine = await Engine.SimulatedAsync(Builds);
        foreach ((string Name, string Value)[] environment in Environments)
        {
            using RunningExporter exporter = await RunningExporter.StartAsync(program.Path, engine.Host, Builds, environment);
            double start = exporter.Megabytes("VmRSS");
            for (int i = 0; i < Scrapes; i++) await exporter.ScrapeAsync();
            await Task.Delay(1000);
            string name = environment.Length == 0 ? "as shipped" : string.Join(' ', environment.Select(variable => $"{variable.Name}={variable.Value}"));
            Console.WriteLine(
                $"| {name} | {exporter.StartTime.TotalSeconds:n2} | {start:n1} | {exporter.Megabytes("VmRSS"):n1} "
                + $"| {exporter.Megabytes("RssAnon"):n1} | {exporter.Megabytes("RssFile"):n1} | {exporter.Megabytes("RssShmem"):n1} |");
        }

        Console.WriteLine();
    }
}
