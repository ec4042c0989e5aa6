using System.Globalization;
using System.Text;

namespace Omnibus.Bench;

/// <summary>Draws a curve of seconds over packages, both scales logarithmic.</summary>
/// <param name="title">Heading.</param>
/// <param name="axis">What is counted from left to right.</param>
internal sealed class CurveDrawing(string title, string axis)
{
    private const int Width = 640;
    private const int Height = 400;
    private const int Margin = 60;

    /// <summary>A line that the curve should stay below, with its text; null for none.</summary>
    public (double Seconds, string Text)? Limit { get; init; }

    /// <summary>The drawing as SVG.</summary>
    public string Draw(IReadOnlyList<(int Packages, double Seconds)> points)
    {
        double left = Math.Log10(points[0].Packages);
        double right = Math.Log10(points[^1].Packages);
        double bottom = Math.Floor(Math.Log10(points.Min(p => p.Seconds)));
        double top = Math.Max(bottom + 1, Math.Ceiling(Math.Log10(points.Max(p => Math.Max(p.Seconds, Limit?.Seconds ?? 0)))));
        double X(double packages) => Margin + ((Math.Log10(packages) - left) / (right - left) * (Width - (2 * Margin)));
        double Y(double seconds) => Height - Margin - ((Math.Log10(seconds) - bottom) / (top - bottom) * (Height - (2 * Margin)));
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width / 2}\" y=\"24\" text-anchor=\"middle\" font-size=\"15\">{title}</text>\n");
        for (double power = bottom; power <= top; power++)
        {
            double y = Y(Math.Pow(10, power));
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Margin}\" x2=\"{Width - Margin}\" y1=\"{y:0.0}\" y2=\"{y:0.0}\" stroke=\"#ddd\"/><text x=\"{Margin - 8}\" y=\"{y + 4:0.0}\" text-anchor=\"end\">{Math.Pow(10, power)} s</text>\n");
        }

        if (Limit is { } limit)
        {
            double y = Y(limit.Seconds);
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Margin}\" x2=\"{Width - Margin}\" y1=\"{y:0.0}\" y2=\"{y:0.0}\" stroke=\"#c33\" stroke-dasharray=\"4 3\"/><text x=\"{Width - Margin}\" y=\"{y - 5:0.0}\" text-anchor=\"end\" fill=\"#c33\">{limit.Text}</text>\n");
        }

        svg.Append("<polyline fill=\"none\" stroke=\"#246\" stroke-width=\"2\" points=\"");
        svg.AppendJoin(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.Packages):0.0},{Y(p.Seconds):0.0}")));
        svg.Append("\"/>\n");
        foreach ((int packages, double seconds) in points)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(packages):0.0}\" cy=\"{Y(seconds):0.0}\" r=\"3\" fill=\"#246\"/><text x=\"{X(packages):0.0}\" y=\"{Y(seconds) - 9:0.0}\" text-anchor=\"middle\">{seconds:0.00}</text><text x=\"{X(packages):0.0}\" y=\"{Height - Margin + 18}\" text-anchor=\"middle\">{packages:N0}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width / 2}\" y=\"{Height - 16}\" text-anchor=\"middle\">{axis}</text>\n</svg>\n");
        return svg.ToString();
    }
}
