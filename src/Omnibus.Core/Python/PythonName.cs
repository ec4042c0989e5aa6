using System.Text;

namespace Omnibus.Core.Python;

/// <summary>Names of Python distributions.</summary>
public static class PythonName
{
    /// <summary>The form in which names are compared: lower case, each run of <c>-</c>, <c>_</c> and <c>.</c> one dash (PEP 503).</summary>
    public static string Normalise(string name)
    {
        var text = new StringBuilder(name.Length);
        bool separator = false;
        foreach (char c in name)
        {
            if (c is '-' or '_' or '.')
            {
                separator = true;
                continue;
            }

            if (separator && text.Length > 0)
            {
                text.Append('-');
            }

            separator = false;
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}
