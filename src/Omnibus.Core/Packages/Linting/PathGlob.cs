namespace Omnibus.Core.Packages.Linting;

/// <summary>Globs over absolute paths: <c>?</c> and <c>*</c> stay within one name, <c>**</c> goes through folders.</summary>
internal static class PathGlob
{
    /// <summary>Whether a whole path matches.</summary>
    public static bool Matches(string glob, string path)
    {
        // Two places to come back to: the last "**" and, younger than it, the last "*". No input makes it take more than the product of
        // both lengths.
        int g = 0;
        int p = 0;
        int starGlob = -1;
        int starPath = 0;
        int deepGlob = -1;
        int deepPath = 0;
        while (p < path.Length)
        {
            if (g < glob.Length && glob[g] == '*')
            {
                bool deep = g + 1 < glob.Length && glob[g + 1] == '*';
                g += deep ? 2 : 1;
                if (deep)
                {
                    (deepGlob, deepPath, starGlob) = (g, p, -1);
                }
                else
                {
                    (starGlob, starPath) = (g, p);
                }
            }
            else if (g < glob.Length && (glob[g] == path[p] || (glob[g] == '?' && path[p] != '/')))
            {
                g++;
                p++;
            }
            else if (starGlob >= 0 && path[starPath] != '/')
            {
                (g, p) = (starGlob, ++starPath);
            }
            else if (deepGlob >= 0)
            {
                (g, p, starGlob) = (deepGlob, ++deepPath, -1);
            }
            else
            {
                return false;
            }
        }

        while (g < glob.Length && glob[g] == '*')
        {
            g++;
        }

        return g == glob.Length;
    }
}
