using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Storage.S3;

/// <summary>Turns what the service or its client library says into errors with a stable id and advice. The only map of this kind.</summary>
internal static class S3Errors
{
    /// <summary>Whether a failure is one of the service or the way to it, and not of our own code.</summary>
    public static bool Handles(Exception e) =>
        e is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or SocketException or WebException or System.Xml.XmlException;

    public static OmnibusException Translate(Exception e, S3Location location, string? key = null)
    {
        string where = key is null ? location.ToString() : $"{location}/{key}";
        return e switch
        {
            AmazonS3Exception s3 => FromService(s3, location, where),
            AmazonServiceException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } a => Error("StoreCredentialsRefused", ErrorKind.PermissionDenied, where, $"the credentials were refused ({a.ErrorCode}).", "Check the profile or the AWS_* variables; renew an expired session (aws sso login).", e),
            AmazonClientException when e.InnerException is HttpRequestException or IOException or SocketException => Unreachable(e.InnerException, where),
            AmazonClientException c when c.Message.Contains("egion", StringComparison.Ordinal) && !c.Message.Contains("redential", StringComparison.Ordinal) => Error("StoreRegionMissing", ErrorKind.InvalidArgument, where, "no region is configured.", "Give -Region, set AWS_REGION, or name a region in the profile.", e),
            AmazonClientException c => Error("StoreCredentialsMissing", ErrorKind.PermissionDenied, where, $"no usable credentials: {FirstLine(c.Message)}", "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile with -ProfileName, or sign in with SSO.", e),
            System.Xml.XmlException => NotS3(where, e),
            _ => Unreachable(e, where),
        };
    }

    private static OmnibusException FromService(AmazonS3Exception e, S3Location location, string where) => e.ErrorCode switch
    {
        "NoSuchBucket" => Error("StoreNotFound", ErrorKind.NotFound, where, $"there is no bucket '{location.Bucket}'.", "Check the name, or let Set-RepositoryBucketPolicy -CreateBucket make it.", e),
        "InvalidBucketName" => Error("StoreLocationInvalid", ErrorKind.InvalidArgument, where, $"'{location.Bucket}' is no bucket name that this service takes.", null, e),
        "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "ExpiredToken" or "InvalidToken" or "TokenRefreshRequired" => Error("StoreCredentialsRefused", ErrorKind.PermissionDenied, where, $"the credentials were refused ({e.ErrorCode}).", "Check the profile or the AWS_* variables; renew an expired session (aws sso login).", e),
        "RequestTimeTooSkewed" or "RequestExpired" => Error("StoreClockSkew", ErrorKind.Connection, where, "this machine's clock and the store's differ too much for signed requests.", "Set the clock (timedatectl set-ntp true).", e),
        "PermanentRedirect" or "TemporaryRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" or "MovedPermanently" => Error("StoreRegionWrong", ErrorKind.InvalidArgument, where, $"the bucket lives in another region ({FirstLine(e.Message)}).", "Give the bucket's own region with -Region.", e),
        "NotImplemented" => Error("StoreUnsupported", ErrorKind.Unsupported, where, $"the store cannot do this ({FirstLine(e.Message)}).", null, e),
        "QuotaExceeded" or "InsufficientStorage" or "TooManyBuckets" => Error("StoreFull", ErrorKind.Storage, where, $"the store is full or its quota is used up ({e.ErrorCode}).", "Free space or raise the quota.", e),
        "BadDigest" or "XAmzContentSHA256Mismatch" or "InvalidDigest" => Error("StoreChecksumMismatch", ErrorKind.Security, where, "the store received other bytes than were sent.", "Publish again; if it happens again, something between here and the store changes the data.", e),
        "SlowDown" or "ServiceUnavailable" or "InternalError" or "RequestTimeout" or "RequestTimeoutException" => Error("StoreBusy", ErrorKind.Connection, where, $"the store did not take the request, also after repeats ({e.ErrorCode}).", "Try again later, or lower -ThrottleLimit.", e),
        _ => FromStatus(e, where),
    };

    private static OmnibusException FromStatus(AmazonS3Exception e, string where)
    {
        // A library that cannot parse the answer reports it without an S3 code: a proxy's or another server's page.
        bool unparsed = e.InnerException is System.Xml.XmlException || (e.ResponseBody?.Contains("<html", StringComparison.OrdinalIgnoreCase) ?? false);
        return e.StatusCode switch
        {
            _ when unparsed => NotS3(where, e),
            HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => Error("StoreAccessDenied", ErrorKind.PermissionDenied, where, $"access denied ({e.ErrorCode}).", "The credentials are known, but they may not do this: check the bucket's and the user's policy.", e),
            HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect => Error("StoreRegionWrong", ErrorKind.InvalidArgument, where, "the bucket lives in another region.", "Give the bucket's own region with -Region.", e),
            HttpStatusCode.NotFound when e.ErrorCode is "NoSuchKey" => Error("StoreObjectNotFound", ErrorKind.NotFound, where, "there is no such object.", null, e),
            HttpStatusCode.NotFound => NotS3(where, e),
            >= HttpStatusCode.InternalServerError => Error("StoreBusy", ErrorKind.Connection, where, $"the store failed with status {(int)e.StatusCode}, also after repeats.", "Try again later.", e),
            _ => Error("StoreFailed", ErrorKind.Connection, where, $"the store answered {(int)e.StatusCode} {e.ErrorCode}: {FirstLine(e.Message)}", null, e),
        };
    }

    /// <summary>The error of an address where something else answers.</summary>
    public static OmnibusException NotS3(string where, Exception? e = null) =>
        Error("StoreNotS3", ErrorKind.Connection, where, "what answers there is no S3 service.", "Check -EndpointUrl; it is the service's root address, without the bucket.", e);

    private static OmnibusException Unreachable(Exception e, string where) =>
        Error("StoreUnreachable", ErrorKind.Connection, where, $"the store cannot be reached: {FirstLine(e.Message)}", "Check -EndpointUrl, the network and proxy settings.", e);

    private static OmnibusException Error(string id, ErrorKind kind, string where, string message, string? advice, Exception? inner) =>
        new(id, kind, $"{where}: {message}", where, advice, inner);

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd();
}
