namespace CiMetrics.Dashboards;

/// <summary>A dashboard as it is written down here; what all have in common is added by <see cref="DashboardJson"/>.</summary>
/// <param name="Name">The file's name without <c>-dashboard.json</c>.</param>
/// <param name="Uid">Stable, at most 40 characters: links and imports of later versions go by it.</param>
/// <param name="Title">As Grafana lists it.</param>
/// <param name="Description">One sentence.</param>
/// <param name="JobMetric">A metric that every target of the service has: the choice of jobs and instances comes from it.</param>
public sealed record Dashboard(string Name, string Uid, string Title, string Description, string JobMetric)
{
    /// <summary>Further choices, after job and instance.</summary>
    public IReadOnlyList<Variable> Variables { get; init; } = [];

    /// <summary>The rows from top to bottom.</summary>
    public required IReadOnlyList<Row> Rows { get; init; }
}

/// <summary>A choice among a label's values.</summary>
/// <param name="Name">The variable's, which is the label's unless the metric's name is what is chosen.</param>
/// <param name="Label">As the user reads it.</param>
/// <param name="Metric">The metric whose label it is.</param>
public sealed record Variable(string Name, string Label, string Metric)
{
    /// <summary>What "All" stands for. <c>.*</c> where the label may be empty.</summary>
    public string All { get; init; } = ".+";
}

/// <summary>Panels below a title. They flow from left to right, in lines as high as their highest.</summary>
public sealed record Row(string Title, params Panel[] Panels);

/// <summary>The ways to draw.</summary>
public enum PanelKind
{
    /// <summary>One figure for each row of the answer.</summary>
    Stat,

    /// <summary>Lines over time.</summary>
    Lines,

    /// <summary>Lines over time on top of each other.</summary>
    Stack,

    /// <summary>Shares of a whole, of the time shown.</summary>
    Pie,

    /// <summary>A line for each set of labels, a column for each query.</summary>
    Table,
}

/// <summary>
/// A query. <c>@</c> in its selectors stands for the chosen jobs and instances.
/// </summary>
/// <param name="Text">PromQL.</param>
/// <param name="Legend">Of a line; the title of a table's column.</param>
/// <param name="Unit">Of a table's column; elsewhere the panel's is used.</param>
public sealed record Query(string Text, string Legend = "", string Unit = "short")
{
    /// <summary>As Prometheus gets it once Grafana has filled in the variables.</summary>
    public string Expression { get; } = Text.Replace("@", """job=~"$job", instance=~"$instance" """.TrimEnd(), StringComparison.Ordinal);
}

/// <summary>A panel.</summary>
/// <param name="Kind">How it is drawn.</param>
/// <param name="Title">Short.</param>
/// <param name="Description">What is seen and what to make of it.</param>
/// <param name="Unit">Grafana's name of it.</param>
/// <param name="Queries">At least one.</param>
public sealed record Panel(PanelKind Kind, string Title, string Description, string Unit, params Query[] Queries)
{
    private const int Whole = 24;

    /// <summary>Of 24 columns.</summary>
    public int Width { get; init; } = Kind switch { PanelKind.Stat => 4, PanelKind.Pie => 8, PanelKind.Table => Whole, _ => Whole / 2 };

    /// <summary>In lines of the grid.</summary>
    public int Height { get; init; } = Kind is PanelKind.Stat ? 4 : 8;

    /// <summary>Colours from a value upwards, ascending. The first holds for everything below as well.</summary>
    public IReadOnlyList<(double From, string Color)> Levels { get; init; } = [(0, "text")];

    /// <summary>Words for values.</summary>
    public IReadOnlyList<(int Value, string Text, string Color)> Words { get; init; } = [];

    /// <summary>Shows the rows' names beside the values, or instead of them.</summary>
    public string TextMode { get; init; } = "auto";

    /// <summary>A dashboard's uid to go to.</summary>
    public string? Opens { get; init; }

    /// <summary>A panel that shows what is now, or a total of the time shown, asks once; one over time asks for every step.</summary>
    public bool IsInstant => Kind is PanelKind.Stat or PanelKind.Pie or PanelKind.Table;

    /// <summary>1 is good.</summary>
    public static IReadOnlyList<(int, string, string)> UpOrDown { get; } = [(0, "down", "red"), (1, "up", "green")];

    /// <summary>More than none is bad.</summary>
    public static IReadOnlyList<(double, string)> NoneIsGood { get; } = [(0, "green"), (1, "red")];

    /// <summary>Of rates of success.</summary>
    public static IReadOnlyList<(double, string)> MoreIsBetter { get; } = [(0, "red"), (0.8, "orange"), (0.95, "green")];

    /// <summary>Of shares of a limit.</summary>
    public static IReadOnlyList<(double, string)> FullIsBad { get; } = [(0, "green"), (0.8, "orange"), (0.95, "red")];

    /// <summary>A figure.</summary>
    public static Panel Stat(string title, string description, string unit, string query, string legend = "") => new(PanelKind.Stat, title, description, unit, new Query(query, legend));

    /// <summary>Lines.</summary>
    public static Panel Lines(string title, string description, string unit, params Query[] queries) => new(PanelKind.Lines, title, description, unit, queries);

    /// <summary>Stacked lines.</summary>
    public static Panel Stack(string title, string description, string unit, params Query[] queries) => new(PanelKind.Stack, title, description, unit, queries);

    /// <summary>Shares.</summary>
    public static Panel Pie(string title, string description, string unit, params Query[] queries) => new(PanelKind.Pie, title, description, unit, queries);

    /// <summary>A table.</summary>
    public static Panel Table(string title, string description, params Query[] columns) => new(PanelKind.Table, title, description, "short", columns);
}
