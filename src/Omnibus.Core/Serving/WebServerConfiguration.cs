using System.Text;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Serving;

/// <summary>A web server whose configuration can be printed for production.</summary>
public enum WebServerKind
{
    /// <summary>nginx: a <c>server</c> block.</summary>
    Nginx,

    /// <summary>Apache httpd 2.4: a virtual host.</summary>
    Apache,

    /// <summary>Caddy 2: a site block.</summary>
    Caddy,
}

/// <summary>Configurations that serve repositories as they should be: right cache headers, no listing, hidden state never given out.</summary>
public static class WebServerConfiguration
{
    /// <summary>The configuration of a production server.</summary>
    /// <param name="kind">Which server.</param>
    /// <param name="serverName">Host name that clients use.</param>
    /// <param name="folders">What it gives out.</param>
    /// <exception cref="OmnibusException"><c>ServerPathUnsupported</c>.</exception>
    public static string Create(WebServerKind kind, string serverName, IReadOnlyList<ServedFolder> folders) => kind switch
    {
        WebServerKind.Nginx => $"{NginxMap}\n{NginxServer("listen 80;\n    listen [::]:80;", Plain(serverName), folders)}",
        WebServerKind.Apache => Apache(Plain(serverName), folders),
        _ => Caddy(Plain(serverName), folders),
    };

    internal static string NginxMap => $$"""
        map $uri $omnibus_cache_control {
            "~{{CachePolicy.ImmutablePattern}}" "{{CachePolicy.Immutable}}";
            default "{{CachePolicy.Revalidate}}";
        }

        """;

    internal static string NginxServer(string listen, string serverName, IReadOnlyList<ServedFolder> folders)
    {
        var text = new StringBuilder();
        text.Append($$"""
            server {
                {{listen}}
                server_name {{serverName}};
                server_tokens off;
                autoindex off;
                add_header Cache-Control $omnibus_cache_control;
                add_header X-Content-Type-Options nosniff;

                # Hidden state of a repository is nobody's business.
                location ~ /\. { return 404; }

            """);
        foreach (ServedFolder folder in folders)
        {
            text.Append($$"""

                    location ^~ {{Quote(folder.UrlPath)}} {
                        location ~ /\. { return 404; }
                        alias {{Quote(folder.Folder.TrimEnd('/') + "/")}};
                        disable_symlinks on {{Quote("from=" + folder.Folder)}};
                        limit_except GET { deny all; }
                    }

                """.Replace("\n    ", "\n", StringComparison.Ordinal));
        }

        return text.Append("}\n").ToString();
    }

    private static string Apache(string serverName, IReadOnlyList<ServedFolder> folders)
    {
        var text = new StringBuilder($$"""
            # Needs mod_alias, mod_authz_core, mod_headers and mod_setenvif.
            <VirtualHost *:80>
                ServerName {{serverName}}
                SetEnvIf Request_URI "{{CachePolicy.ImmutablePattern}}" omnibus_immutable
                Header set Cache-Control "{{CachePolicy.Immutable}}" env=omnibus_immutable
                Header set Cache-Control "{{CachePolicy.Revalidate}}" env=!omnibus_immutable
                Header set X-Content-Type-Options nosniff
                FileETag MTime Size
                # Hidden state of a repository is nobody's business.
                <LocationMatch "/\.">
                    Require all denied
                </LocationMatch>

            """);
        foreach (ServedFolder folder in folders)
        {
            text.Append($"""
                    Alias {Quote(folder.UrlPath)} {Quote(folder.Folder.TrimEnd('/') + "/")}
                    <Directory {Quote(folder.Folder)}>
                        Options None
                        AllowOverride None
                        Require method GET HEAD
                    </Directory>

                """);
        }

        return text.Append("</VirtualHost>\n").ToString();
    }

    private static string Caddy(string serverName, IReadOnlyList<ServedFolder> folders)
    {
        var text = new StringBuilder($$"""
            {{serverName}} {
                # Hidden state of a repository is nobody's business.
                @hidden path_regexp /\.
                respond @hidden 404
                @immutable path_regexp {{CachePolicy.ImmutablePattern}}
                @pointer not path_regexp {{CachePolicy.ImmutablePattern}}
                header @immutable Cache-Control "{{CachePolicy.Immutable}}"
                header @pointer Cache-Control "{{CachePolicy.Revalidate}}"
                header X-Content-Type-Options nosniff

            """);
        foreach (ServedFolder folder in folders)
        {
            text.Append($$"""
                    handle_path {{Quote(folder.UrlPath + "*")}} {
                        root * {{Quote(folder.Folder)}}
                        file_server
                    }

                """);
        }

        return text.Append("}\n").ToString();
    }

    // Each of the three reads a path in double quotes; what would need an escape there is refused rather than guessed.
    private static string Quote(string path) => path.Any(c => c is '"' or '\\' or '$' or '{' or '}' || char.IsControl(c))
        ? throw new OmnibusException("ServerPathUnsupported", ErrorKind.InvalidArgument, $"'{path}' has a character that web server configurations cannot hold.", path, "Move the repository to a path without quotes, backslashes, dollar signs and braces.")
        : $"\"{path}\"";

    private static string Plain(string name) => name.Length is > 0 and < 256 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':')
        ? name
        : throw new OmnibusException("ServerNameInvalid", ErrorKind.InvalidArgument, $"'{name}' is no host name.", name);
}
