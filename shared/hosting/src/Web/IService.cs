namespace CiMetrics.Hosting;

/// <summary>A service: what it is called, what can be set, and what it does. <see cref="ServiceHost"/> does the rest.</summary>
public interface IService
{
    /// <summary>Names and texts.</summary>
    ServiceInfo Info { get; }

    /// <summary>Declares the settings of the service's own; it keeps the handles and reads them in <see cref="Start"/>.</summary>
    void Declare(ServiceSettings settings);

    /// <summary>
    /// Builds the state, registers collectors and starts loops. Called once all settings are valid, before the server
    /// listens; it waits for nothing outside the process.
    /// </summary>
    /// <exception cref="ServiceFailedException">The service cannot start; the message says what to do.</exception>
    void Start(ServiceContext context);

    /// <summary>
    /// What <c>healthcheck</c> answers where the service does not listen with its settings, and so cannot be asked: why it
    /// is taken for unhealthy, or null where there are other signs of its life.
    /// </summary>
    string? TroubleWithoutAddress() => "with these settings the service does not listen";
}
