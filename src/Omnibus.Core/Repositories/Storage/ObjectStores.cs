using Omnibus.Core.Repositories.Storage.S3;

namespace Omnibus.Core.Repositories.Storage;

/// <summary>Opens a store by where it is: the only place that tells the kinds of store apart.</summary>
public static class ObjectStores
{
    /// <summary>Whether a text names a store that is no folder.</summary>
    public static bool IsRemote(string location) => S3Location.Recognises(location);

    /// <summary>Opens a store.</summary>
    /// <param name="location"><c>s3://bucket/prefix</c>, or an absolute folder.</param>
    /// <param name="connection">How an S3 service is reached; unused for a folder.</param>
    /// <param name="createFolder">Makes a folder that is missing.</param>
    /// <exception cref="Diagnostics.OmnibusException"><c>StoreLocationInvalid</c>, <c>StoreNotFound</c>, <c>StoreAccessDenied</c>, <c>StoreFull</c>, <c>StoreCredentialsMissing</c>, <c>StoreProfileUnknown</c>.</exception>
    public static IObjectStore Open(string location, S3Connection connection, bool createFolder = false)
    {
        if (S3Location.Recognises(location))
        {
            return new S3Store(S3Location.Parse(location), connection);
        }

        if (createFolder)
        {
            try
            {
                Directory.CreateDirectory(location);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw StagingErrors.From(e, location);
            }
        }

        return new DirectoryStore(location);
    }

    /// <summary>A place below another.</summary>
    public static string Below(string location, string folder)
    {
        folder = folder.Trim('/');
        if (folder.Length == 0)
        {
            return location;
        }

        return S3Location.Recognises(location) ? S3Location.Parse(location).Below(folder).ToString() : Path.Combine(location, ObjectKey.Check(folder));
    }
}
