using CiMetrics.Hosting;
using CiMetrics.Sidecar;

return await ServiceHost.RunAsync(args, new SidecarService());
