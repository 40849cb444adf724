using Microsoft.Extensions.Logging;

namespace CiMetrics.Hosting;

/// <summary>What a subcommand works with.</summary>
/// <param name="Loggers">Where loggers come from.</param>
/// <param name="Time">The clock.</param>
/// <param name="Stopping">Cancelled by SIGTERM or SIGINT.</param>
public sealed record CommandContext(ILoggerFactory Loggers, TimeProvider Time, CancellationToken Stopping);
