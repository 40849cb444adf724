using CiMetrics.Exposition;

namespace CiMetrics.Hosting;

/// <summary>The metrics that every service has about itself.</summary>
internal static class OwnMetrics
{
    /// <summary>Registers build information and loops, and process and runtime where they are wanted.</summary>
    public static void Register(ServiceContext context, ServiceInfo info, BackgroundLoops loops, bool withProcess)
    {
        context.Metrics.CreateInfo(
            "exporter_build_info", "Version, revision and .NET runtime of the exporter; the value is always 1.",
            ("version", info.Version), ("revision", info.Revision), ("dotnet_version", Environment.Version.ToString()));
        context.Registry.Register(new LoopCollector(loops));
        if (!withProcess)
            return;
        if (OperatingSystem.IsLinux())
            context.Registry.Register(new ProcessCollector(info.ProcessMetricsPrefix, "/proc"));
        context.Registry.Register(new RuntimeCollector());
    }
}
