namespace CiMetrics.Hosting;

/// <summary>A web configuration file and what it says, read again on request.</summary>
internal sealed class WebConfigFile : IReloadable
{
    private const int LargestFile = 1024;

    private readonly string _path;
    private readonly string _where;
    private readonly IReadOnlyCollection<string> _otherUsers;
    private FilesRead _files;
    private volatile WebConfig _current = WebConfig.None;

    private WebConfigFile(string path, string where, IReadOnlyCollection<string> otherUsers)
    {
        _path = path;
        _where = where;
        _otherUsers = otherUsers;
        _files = new FilesRead(Folder(path), LargestFile);
    }

    /// <inheritdoc/>
    public string Name => "web";

    /// <summary>What is in force.</summary>
    public WebConfig Current => _current;

    /// <summary>Reads a file for the first time; null after a mistake, which is added to the list.</summary>
    /// <param name="path">The file.</param>
    /// <param name="where">Who named it, for messages.</param>
    /// <param name="otherUsers">Users that are let in without the file; it must not name them.</param>
    /// <param name="problems">Where mistakes go.</param>
    public static WebConfigFile? Load(string path, string where, IReadOnlyCollection<string> otherUsers, List<Problem> problems)
    {
        var file = new WebConfigFile(path, where, otherUsers);
        if (file.Read(problems) is not { } config)
            return null;
        file._current = config;
        return file;
    }

    /// <inheritdoc/>
    public string Seen => _files.Seen;

    /// <inheritdoc/>
    public string Now() => _files.Now();

    /// <inheritdoc/>
    public IReadOnlyList<Problem> Reload()
    {
        var problems = new List<Problem>();
        var next = Read(problems);
        // The listeners are made once.
        if (next is not null && next.Tls is null != _current.Tls is null)
        {
            problems.Add(new Problem(_path, next.Tls is null
                ? "must keep tls_server_config: TLS cannot be turned off without a restart"
                : "must not begin to have tls_server_config: TLS cannot be turned on without a restart"));
        }
        else if (next is not null)
        {
            _current = next;
        }
        return problems;
    }

    private static string Folder(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";

    private WebConfig? Read(List<Problem> problems)
    {
        // Kept also when the configuration is refused: what makes it right may be any of the files.
        _files = new FilesRead(Folder(_path), LargestFile);
        if (_files.Read(Path.GetFullPath(_path), out var rule) is { } text)
            return new WebConfigReader(_path, _files, _otherUsers, problems).Read(text);
        problems.Add(new Problem(_where, rule!, Value: _path));
        return null;
    }
}
