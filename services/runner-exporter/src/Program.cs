using CiMetrics.Hosting;
using CiMetrics.RunnerExporter;

return await ServiceHost.RunAsync(args, new RunnerExporterService());
