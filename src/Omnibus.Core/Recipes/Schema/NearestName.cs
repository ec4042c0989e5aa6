namespace Omnibus.Core.Recipes.Schema;

/// <summary>Finds the name that somebody meant.</summary>
internal static class NearestName
{
    /// <summary>The known name nearest to a text, or null when none is near.</summary>
    /// <remarks>Near: at most a third of the letters were changed, left out, added or swapped (at least two), or one begins with the other.</remarks>
    public static string? Find(string text, IEnumerable<string> known) => FindAll(text, known, 1).FirstOrDefault();

    /// <summary>The nearest known names, best first.</summary>
    public static IReadOnlyList<string> FindAll(string text, IEnumerable<string> known, int count)
    {
        string wanted = Fold(text);
        if (wanted.Length is 0 or > 64)
        {
            return [];
        }

        return [.. known
            .Select(name => (Name: name, Distance: Distance(wanted, Fold(name))))
            .Where(c => c.Distance <= Math.Max(wanted.Length <= 3 ? 1 : 2, wanted.Length / 3)
                || (wanted.Length >= 3 && (Fold(c.Name).StartsWith(wanted, StringComparison.Ordinal) || wanted.StartsWith(Fold(c.Name), StringComparison.Ordinal))))
            .OrderBy(c => c.Distance)
            .ThenBy(c => c.Name, StringComparer.Ordinal)
            .Take(count)
            .Select(c => c.Name)];
    }

    // Case, dashes and underscores are what people mix up first.
    private static string Fold(string name) => name.ToLowerInvariant().Replace('_', '-');

    // Optimal string alignment: insertions, deletions, changes, and swaps of neighbours.
    private static int Distance(string left, string right)
    {
        int[] beforeLast = new int[right.Length + 1];
        int[] last = new int[right.Length + 1];
        int[] current = new int[right.Length + 1];
        for (int j = 0; j <= right.Length; j++)
        {
            last[j] = j;
        }

        for (int i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int cost = left[i - 1] == right[j - 1] ? 0 : 1;
                current[j] = Math.Min(Math.Min(last[j] + 1, current[j - 1] + 1), last[j - 1] + cost);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    current[j] = Math.Min(current[j], beforeLast[j - 2] + 1);
                }
            }

            (beforeLast, last, current) = (last, current, beforeLast);
        }

        return last[right.Length];
    }
}
