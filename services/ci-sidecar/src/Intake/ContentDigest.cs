using System.Globalization;
using System.Text;

namespace CiMetrics.Sidecar.Intake;

/// <summary>
/// Tells contents apart: FNV-1a of 128 bits (draft-eastlake-fnv). Nobody needs to be kept from making two contents with
/// one digest, as a job can choose its events' keys anyway; and the first SHA-256 loads OpenSSL, which is 5 MB.
/// </summary>
internal static class ContentDigest
{
    private static readonly UInt128 Basis = new(0x6c62272e07bb0142, 0x62b821756295c58d);
    private static readonly UInt128 Prime = new(0x0000000001000000, 0x000000000000013b);

    /// <summary>The digest, in 32 hexadecimal digits.</summary>
    public static string Of(ReadOnlySpan<byte> content) => Text(Add(Basis, content));

    /// <summary>The digest of a text before the content.</summary>
    public static string Of(string text, ReadOnlySpan<byte> content) => Text(Add(Add(Basis, Encoding.UTF8.GetBytes(text)), content));

    private static UInt128 Add(UInt128 digest, ReadOnlySpan<byte> content)
    {
        foreach (byte value in content) digest = (digest ^ value) * Prime;
        return digest;
    }

    private static string Text(UInt128 digest) => digest.ToString("x32", CultureInfo.InvariantCulture);
}
