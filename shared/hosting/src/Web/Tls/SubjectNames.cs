using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace CiMetrics.Hosting;

/// <summary>The subject alternative names of a certificate (RFC 5280, 4.2.1.6) that can be on a list.</summary>
internal static class SubjectNames
{
    private const string Extension = "2.5.29.17";
    private static readonly Asn1Tag Email = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag Dns = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);
    private static readonly Asn1Tag Ip = new(TagClass.ContextSpecific, 7);

    /// <summary>DNS names, e-mail addresses, IP addresses and URIs; none when the extension is absent or malformed.</summary>
    public static IReadOnlyList<string> Of(X509Certificate2 certificate)
    {
        var names = new List<string>();
        if (certificate.Extensions[Extension] is not { } extension)
            return names;
        try
        {
            var sequence = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (sequence.HasData)
                Take(sequence, names);
        }
        catch (Exception exception) when (exception is AsnContentException or ArgumentException)
        {
            return [];
        }
        return names;
    }

    private static void Take(AsnReader sequence, List<string> names)
    {
        var tag = sequence.PeekTag();
        if (tag == Email || tag == Dns || tag == Uri)
            names.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, tag));
        else if (tag == Ip)
            names.Add(new IPAddress(sequence.ReadOctetString(tag)).ToString());
        else
            sequence.ReadEncodedValue();
    }
}
