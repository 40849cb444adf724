using CiMetrics.Hosting;
using CiMetrics.Spacelift;

NativeHeap.KeepSmall();
return await ServiceHost.RunAsync(args, new SpaceliftService());
