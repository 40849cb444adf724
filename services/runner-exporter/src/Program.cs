using CiMetrics.Hosting;
using CiMetrics.RunnerExporter;

using RunnerExporterService service = new();
return await ServiceHost.RunAsync(args, service);
