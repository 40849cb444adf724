namespace CiMetrics.Hosting;

/// <summary>Runs a service: the one call in its <c>Program.cs</c>.</summary>
public static class ServiceHost
{
    /// <summary>
    /// Reads the settings, starts the service and its web server, and stops them in order on SIGTERM or SIGINT.
    /// </summary>
    /// <param name="arguments">The command line without the program's name.</param>
    /// <param name="service">The service.</param>
    /// <returns>The exit code, one of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, IService service)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(service);
        var settings = new ServiceSettings(service.Info);
        service.Declare(settings);

        var start = service.Info.StartCommand;
        List<Subcommand> commands = start is null ? [] : [new Subcommand(start, "Start the service")];
        commands.AddRange(settings.Commands);
        commands.Add(HealthCheck.Command);
        var host = new CommandHost(settings, settings.ConfigFile, commands, Console.Out, Console.Error);
        return await host.RunAsync(arguments, command =>
            command == HealthCheck.Command.Name ? HealthCheck.RunAsync(service, settings)
            : settings.Commands.FirstOrDefault(own => own.Name == command)?.Run is { } run ? CommandRun.RunAsync(run, settings.Log, service.Info.Command)
            : new ServiceRun(service, settings).RunAsync());
    }
}
