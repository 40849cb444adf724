using CiMetrics.Hosting;
using CiMetrics.Spacelift;

return await ServiceHost.RunAsync(args, new SpaceliftService());
