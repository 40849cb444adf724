namespace CiMetrics.Durable;

/// <summary>Where a program keeps its state when nobody says where.</summary>
public static class StateHome
{
    /// <summary>
    /// The folder of a program: <c>$STATE_DIRECTORY</c> (systemd's <c>StateDirectory=</c>), else
    /// <c>$XDG_STATE_HOME/PROGRAM</c>, else <c>~/.local/state/PROGRAM</c>; null where there is no home. It need not
    /// exist.
    /// </summary>
    /// <param name="program">The program's name.</param>
    /// <param name="variable">Gives environment variables; default: those of the process.</param>
    public static string? Of(string program, Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        // systemd separates several by colons.
        if (variable("STATE_DIRECTORY") is { Length: > 0 } given) return given.Split(':')[0];
        if (variable("XDG_STATE_HOME") is ['/', ..] state) return Path.Combine(state, program);
        // A container's user without an entry in /etc/passwd often has the home "/".
        return variable("HOME") is ['/', _, ..] home
            ? Path.Combine(home, ".local", "state", program)
            : null;
    }
}
