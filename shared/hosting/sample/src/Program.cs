using CiMetrics.Hosting;
using CiMetrics.Hosting.Sample;

return await ServiceHost.RunAsync(args, new SampleService());
