using CiMetrics.Durable;

namespace CiMetrics.Sidecar.Intake;

/// <summary>A file of a job as it was at one look.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Identity">Which file in which state.</param>
/// <param name="IsClaimed">Whether it has been taken out of its writers' way.</param>
internal sealed record JobFile(string Path, FileIdentity Identity, bool IsClaimed)
{
    /// <summary>
    /// Stands for the file in the keys of its events. A claimed one has it in its name, so that every sidecar gives the
    /// same keys, also after something was appended; another one is known by its last change.
    /// </summary>
    public string Origin => IsClaimed
        ? System.IO.Path.GetFileNameWithoutExtension(Path)[^JobFiles.TokenLength..]
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Identity.Inode} {Identity.ModifiedNanoseconds}");

    /// <summary>The name that the job gave it.</summary>
    public string Name
    {
        get
        {
            string name = System.IO.Path.GetFileName(Path);
            // .metrics.json.0123456789abcdef0123.claimed
            return IsClaimed ? name[1..name.LastIndexOf('.', name.LastIndexOf('.') - 1)] : name;
        }
    }
}
