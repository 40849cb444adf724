namespace CiMetrics.Hosting;

/// <summary>The secrets that were given as files: tokens and passwords are rotated while a service runs.</summary>
internal sealed class SecretFiles : IReloadable
{
    private readonly List<SecretFileSetting> _settings;
    private FilesRead _files;

    /// <summary>Makes it over those of the settings that were given.</summary>
    public SecretFiles(IEnumerable<Setting> settings)
    {
        _settings = [.. settings.OfType<SecretFileSetting>().Where(setting => setting.Path is not null)];
        _files = Look();
    }

    /// <inheritdoc/>
    public string Name => "secrets";

    /// <summary>True when no secret was given as a file.</summary>
    public bool IsEmpty => _settings.Count == 0;

    /// <inheritdoc/>
    public string Seen => _files.Seen;

    /// <inheritdoc/>
    public string Now() => _files.Now();

    /// <inheritdoc/>
    public IReadOnlyList<Problem> Reload()
    {
        _files = Look();
        var problems = new List<Problem>();
        var read = _settings.Select(setting => (Setting: setting, Secret: setting.ReadAgain(problems))).ToList();
        if (problems.Count > 0)
            return problems;
        foreach (var (setting, secret) in read)
            setting.Use(secret!);
        return problems;
    }

    private FilesRead Look()
    {
        var files = new FilesRead(Environment.CurrentDirectory, SecretFileSetting.LargestFile);
        foreach (var setting in _settings)
            files.Read(setting.Path!, out _);
        return files;
    }
}
