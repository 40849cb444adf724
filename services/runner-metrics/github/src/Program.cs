using CiMetrics.GitHubRunner;
using CiMetrics.Hosting;

using GitHubRunnerService service = new();
return await ServiceHost.RunAsync(args, service);
