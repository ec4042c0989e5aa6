using System.Management.Automation;
using System.Net;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Serving;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Serves repositories over HTTP, or prints the configuration of a production server.</summary>
[Cmdlet(VerbsLifecycle.Start, "RepositoryServer", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(RepositoryServer), typeof(string))]
public sealed class StartRepositoryServerCommand : PathCmdletBase
{
    private readonly List<string> _folders = [];

    /// <summary>The server's name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "default";

    /// <summary>The address to listen on.</summary>
    [Parameter]
    public IPAddress Address { get; set; } = IPAddress.Loopback;

    /// <summary>The port; 0 takes a free one.</summary>
    [Parameter]
    [ValidateRange(0, 65535)]
    public int Port { get; set; }

    /// <summary>What answers.</summary>
    [Parameter]
    public ServerBackend Backend { get; set; }

    /// <summary>Prints the configuration of a production server instead of starting one.</summary>
    [Parameter]
    public WebServerKind? AsConfiguration { get; set; }

    /// <summary>The host name in the printed configuration.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string ServerName { get; set; } = Dns.GetHostName();

    /// <inheritdoc/>
    protected override Task ProcessPathAsync(string path, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(path))
        {
            throw new OmnibusException("ServerFolderNotFound", ErrorKind.NotFound, $"{path} is no folder.", path);
        }

        _folders.Add(path);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        if (_folders.Count == 0)
        {
            return;
        }

        IReadOnlyList<ServedFolder> folders = ServedFolder.Arrange(_folders);
        if (AsConfiguration is { } kind)
        {
            WriteObject(WebServerConfiguration.Create(kind, ServerName, folders));
        }
        else if (ShouldProcess(string.Join(", ", _folders), $"Serve on {Address}"))
        {
            WriteObject(await new RepositoryServers().StartAsync(
                new ServerRequest(Name, folders) { Address = Address, Port = Port, Backend = Backend },
                Progress,
                cancellationToken));
        }
    }
}
