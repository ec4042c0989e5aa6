using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Serving;

/// <summary>nginx from the distribution's packages under our own configuration, files and user; nothing of the system's own nginx is touched.</summary>
internal static class NginxServer
{
    private static readonly string[] s_modestUsers = ["www-data", "nginx", "nobody"];

    public static async Task<RunningProcess> StartAsync(ServerRequest request, int port, string stateFolder, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        string configuration = Path.Combine(stateFolder, "nginx.conf");
        string pidFile = Path.Combine(stateFolder, "nginx.pid");
        string errorLog = Path.Combine(stateFolder, "error.log");
        File.Delete(pidFile);
        await File.WriteAllTextAsync(configuration, Configure(request, port, stateFolder), cancellationToken).ConfigureAwait(false);
        ProgramResult result = await ProgramRunner.TryRunAsync(
            new ProgramCommand("nginx", ["-e", errorLog, "-p", stateFolder, "-c", configuration]) { Timeout = TimeSpan.FromSeconds(30) },
            progress,
            cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw new OmnibusException("ServerNotStarted", ErrorKind.ProgramFailed, $"nginx did not start:\n{result.StandardError.TrimEnd()}", request.Name, $"Its log is {errorLog}.");
        }

        return await ServerStart.WaitForPidFileAsync("nginx", pidFile, errorLog, request.Name, cancellationToken).ConfigureAwait(false);
    }

    internal static string Configure(ServerRequest request, int port, string stateFolder)
    {
        string user = Environment.IsPrivilegedProcess ? $"user {WorkerUser(request.Folders)};\n" : string.Empty;
        string address = request.Address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{request.Address}]" : request.Address.ToString();
        string listen = string.Create(CultureInfo.InvariantCulture, $"listen {address}:{port};");
        return $$"""
            # Written by Omnibus; changes are lost at the next start.
            {{user}}pid nginx.pid;
            error_log error.log warn;
            worker_processes 2;
            daemon on;
            events { worker_connections 512; }
            http {
                access_log access.log;
                client_body_temp_path temp/body;
                proxy_temp_path temp/proxy;
                fastcgi_temp_path temp/fastcgi;
                uwsgi_temp_path temp/uwsgi;
                scgi_temp_path temp/scgi;
                default_type application/octet-stream;
                types {
                    text/plain;
                    application/vnd.debian.binary-package deb;
                    application/x-rpm rpm;
                    application/xml xml;
                    application/gzip gz;
                    application/x-xz xz;
                    application/zstd zst;
                    application/pgp-signature asc gpg;
                }
                sendfile on;
                tcp_nopush on;
                client_max_body_size 1k;
            {{WebServerConfiguration.NginxMap}}
            {{WebServerConfiguration.NginxServer(listen, "_", request.Folders)}}
            }

            """.Replace("        text/plain;\n", string.Empty, StringComparison.Ordinal);
    }

    /// <summary>A user that may do little, where it can read what is served; the folder's owner otherwise.</summary>
    private static string WorkerUser(IReadOnlyList<ServedFolder> folders)
    {
        string[] known = [.. File.ReadLines("/etc/passwd").Select(line => line.Split(':')[0])];
        bool open = folders.All(folder => IsOpenToAll(folder.Folder));
        return (open ? s_modestUsers.FirstOrDefault(user => known.Contains(user, StringComparer.Ordinal)) : null) ?? "root";
    }

    private static bool IsOpenToAll(string folder)
    {
        for (DirectoryInfo? part = new(folder); part is not null; part = part.Parent)
        {
            if ((part.UnixFileMode & UnixFileMode.OtherExecute) == 0)
            {
                return false;
            }
        }

        return true;
    }
}
