using System.Management.Automation;
using Microsoft.PowerShell.Commands;
using Omnibus.Core.Diagnostics;
using Omnibus.PowerShell.Errors;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>The base of every cmdlet of this module: errors and paths. Derive from it when nothing is awaited.</summary>
public abstract class OmnibusCmdlet : PSCmdlet
{
    /// <summary>Writes an error of the engine and goes on: one record, or one a finding where the error carries several.</summary>
    /// <param name="exception">What the engine threw.</param>
    /// <param name="item">The item at hand, for an exception that names none.</param>
    protected void WriteErrors(Exception exception, object? item = null)
    {
        foreach (ErrorRecord record in ErrorRecords.Each(exception, item))
        {
            WriteError(record);
        }
    }

    /// <summary>Ends the command with an error of the engine.</summary>
    /// <param name="exception">What the engine threw.</param>
    /// <param name="item">The item at hand, for an exception that names none.</param>
    protected void ThrowError(Exception exception, object? item = null) => ThrowTerminatingError(ErrorRecords.From(exception, item));

    /// <summary>The file system path of something that may not exist yet (a destination), relative to <c>$PWD</c>.</summary>
    /// <exception cref="OmnibusException"><c>PathNotFileSystem</c>, <c>PathNotFound</c> (no such drive).</exception>
    protected string ResolveDestination(string path)
    {
        ProviderInfo provider;
        string resolved;
        try
        {
            resolved = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out provider, out _);
        }
        catch (Exception e) when (e is SessionStateException or PSInvalidOperationException)
        {
            throw new OmnibusException("PathNotFound", ErrorKind.NotFound, $"{path}: {e.Message}", path, inner: e);
        }

        RequireFileSystem(provider, path);

        // "dist/" and "dist" are the same folder; the root keeps its slash.
        return resolved.Length > 1 ? resolved.TrimEnd('/') : resolved;
    }

    /// <summary>The file system paths that a wildcard pattern names; a pattern that matches nothing gives none.</summary>
    /// <exception cref="OmnibusException"><c>PathNotFound</c> (a path without wildcards that does not exist), <c>PathNotFileSystem</c>.</exception>
    protected IReadOnlyList<string> ResolvePattern(string pattern)
    {
        try
        {
            IReadOnlyList<string> paths = SessionState.Path.GetResolvedProviderPathFromPSPath(pattern, out ProviderInfo provider);
            RequireFileSystem(provider, pattern);
            if (paths.Count == 0)
            {
                WriteVerbose($"Nothing matches '{pattern}'.");
            }

            return paths;
        }
        catch (Exception e) when (e is ItemNotFoundException or SessionStateException)
        {
            throw NotFound(pattern, e);
        }
    }

    /// <summary>The file system path of something that exists, taken as it is written.</summary>
    /// <exception cref="OmnibusException"><c>PathNotFound</c>, <c>PathNotFileSystem</c>.</exception>
    protected string ResolveLiteral(string path)
    {
        string resolved = ResolveDestination(path);
        return System.IO.Path.Exists(resolved) ? resolved : throw NotFound(path, null);
    }

    /// <summary>Writes a file as Get-Item does, with all that the host's view shows of it.</summary>
    /// <param name="path">A path that was resolved.</param>
    protected void WriteFile(string path)
    {
        foreach (PSObject file in InvokeProvider.Item.Get([path], force: true, literalPath: true))
        {
            WriteObject(file);
        }
    }

    private static OmnibusException NotFound(string path, Exception? inner) =>
        new("PathNotFound", ErrorKind.NotFound, $"{path}: no such file or directory.", path, inner: inner);

    private static void RequireFileSystem(ProviderInfo provider, string path)
    {
        if (provider.ImplementingType != typeof(FileSystemProvider))
        {
            throw new OmnibusException(
                "PathNotFileSystem",
                ErrorKind.InvalidArgument,
                $"{path}: lies in the {provider.Name} provider, not in the file system.",
                path,
                "Give a path of the file system.");
        }
    }
}
