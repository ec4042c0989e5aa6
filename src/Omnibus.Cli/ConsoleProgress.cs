using Omnibus.Core.Diagnostics;

namespace Omnibus.Cli;

/// <summary>Shows what goes on: one line that is written over and over where standard error is a terminal; only warnings (and with --verbose commands) where it is not.</summary>
internal sealed class ConsoleProgress(bool verbose) : IProgress<OperationProgress>, IDisposable
{
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private readonly Lock _gate = new();
    private bool _shown;

    /// <inheritdoc/>
    public void Report(OperationProgress value)
    {
        lock (_gate)
        {
            switch (value.Kind)
            {
                case ProgressKind.Warning:
                    Write($"warning: {value.Activity}: {value.Status}");
                    break;
                case ProgressKind.Command or ProgressKind.Detail when verbose:
                    Write($"{value.Activity}: {value.Status}");
                    break;
                case ProgressKind.Step when _isTerminal:
                    Show($"{value.Activity}  {value.Status}{(value.Item is null ? string.Empty : $"  ({value.Item})")}");
                    break;
            }
        }
    }

    /// <summary>Takes the line away.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            Erase();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    private void Write(string line)
    {
        Erase();
        Console.Error.WriteLine(line);
    }

    private void Show(string line)
    {
        int width = Width();
        Console.Error.Write("\r\u001b[K" + (line.Length < width ? line : line[..(width - 1)]));
        _shown = true;
    }

    private void Erase()
    {
        if (_shown)
        {
            Console.Error.Write("\r\u001b[K");
            _shown = false;
        }
    }

    private static int Width()
    {
        try
        {
            return Math.Max(20, Console.WindowWidth);
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
