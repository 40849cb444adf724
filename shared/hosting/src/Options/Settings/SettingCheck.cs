namespace CiMetrics.Hosting;

/// <summary>A check and the settings that must be valid for it to be made.</summary>
internal sealed record SettingCheck(Func<IEnumerable<Problem>> Check, IReadOnlyList<Setting> Over)
{
    /// <summary>The mistakes; none while one of the settings is itself mistaken.</summary>
    public IEnumerable<Problem> Problems() => Over.Any(setting => setting.IsMistaken) ? [] : Check();
}
