using CiMetrics.Hosting;
using CiMetrics.Receiver;

return await ServiceHost.RunAsync(args, new ReceiverService());
