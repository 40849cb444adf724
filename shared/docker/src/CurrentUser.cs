using System.Globalization;
using System.Runtime.InteropServices;

namespace CiMetrics.Docker;

/// <summary>The user that this program runs as.</summary>
public static class CurrentUser
{
    /// <summary>The name, or <c>uid 1654</c> where the number has none: an image may be without <c>/etc/passwd</c>.</summary>
    public static string Name
    {
        get
        {
            string number = string.Create(CultureInfo.InvariantCulture, $"uid {GetEffectiveUserId()}");
            try
            {
                return Environment.UserName is { Length: > 0 } name ? name : number;
            }
            catch (IOException)
            {
                return number; // There is no file of users.
            }
        }
    }

    [DllImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint GetEffectiveUserId();
}
