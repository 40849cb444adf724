using CiMetrics.AlloyRunner;
using CiMetrics.Hosting;

using AlloyRunnerService service = new();
return await ServiceHost.RunAsync(args, service);
