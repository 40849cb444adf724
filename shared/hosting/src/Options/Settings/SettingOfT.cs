namespace CiMetrics.Hosting;

/// <summary>A setting and, once the command line is read, its value.</summary>
public abstract class Setting<T> : Setting
{
    private readonly List<Func<T, string?>> _rules = [];
    private T _value;

    private protected Setting(string name, string help, SettingShape shape, string placeholder, T defaultValue)
        : base(name, help, shape, placeholder) => _value = defaultValue;

    /// <summary>The value that is in force; the default before the command line is read.</summary>
    public T Value => _value;

    /// <summary>Adds other flags that mean the same, without dashes (<c>e</c> for <c>-e</c>).</summary>
    public Setting<T> Alias(params string[] names)
    {
        AddAliases(names);
        return this;
    }

    /// <summary>Adds environment variables besides the generated one, which goes first.</summary>
    public Setting<T> FromEnvironment(params string[] names)
    {
        AddEnvironmentVariables(names);
        return this;
    }

    /// <summary>Names its key in the configuration file, dots for nesting; null: the file cannot give it.</summary>
    public Setting<T> FromKey(string? key)
    {
        FileKey = key;
        return this;
    }

    /// <summary>Adds a rule: given the value it returns what is allowed ("must ..."), or null when all is well.</summary>
    public Setting<T> Must(Func<T, string?> rule)
    {
        _rules.Add(rule);
        return this;
    }

    /// <inheritdoc/>
    internal override void Apply(SettingSource source, IReadOnlyList<RawValue> values, List<Problem> problems)
    {
        var before = problems.Count;
        var given = Read(values, problems);
        if (problems.Count == before)
        {
            problems.AddRange(_rules.Select(rule => rule(given)).OfType<string>()
                .Select(broken => new Problem(values[^1].Where, broken, Value: IsSecret ? null : values[^1].Text)));
        }
        IsMistaken |= problems.Count > before;
        if (IsMistaken)
            return;
        _value = Combine(_value, given);
        Source = source;
    }

    /// <summary>Puts another value in force than the one that was read at first.</summary>
    private protected void Replace(T value) => _value = value;

    /// <summary>Reads the values of one source.</summary>
    private protected abstract T Read(IReadOnlyList<RawValue> values, List<Problem> problems);

    /// <summary>What is in force when a stronger source speaks over a weaker one.</summary>
    private protected virtual T Combine(T weaker, T stronger) => stronger;
}
