using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Storage.S3;

/// <summary>A bucket and a prefix in it, written <c>s3://bucket/prefix</c>.</summary>
/// <param name="Bucket">Bucket's name.</param>
/// <param name="Prefix">Prefix without leading and trailing <c>/</c>; empty for the bucket's root.</param>
public sealed partial record S3Location(string Bucket, string Prefix)
{
    /// <summary>How such a location begins.</summary>
    public const string Scheme = "s3://";

    /// <summary>Whether a text names a place in S3.</summary>
    public static bool Recognises(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Takes <c>s3://bucket/prefix</c> apart.</summary>
    /// <exception cref="OmnibusException"><c>StoreLocationInvalid</c>.</exception>
    public static S3Location Parse(string text)
    {
        if (Recognises(text))
        {
            string[] parts = text[Scheme.Length..].Split('/', 2);
            string prefix = parts.Length > 1 ? parts[1].Trim('/') : string.Empty;
            if (BucketName().IsMatch(parts[0]) && !parts[0].Contains("..", StringComparison.Ordinal))
            {
                return new S3Location(parts[0], prefix.Length == 0 ? prefix : ObjectKey.Check(prefix));
            }
        }

        throw new OmnibusException(
            "StoreLocationInvalid",
            ErrorKind.InvalidArgument,
            $"'{text}' is no S3 location.",
            text,
            "Write s3://bucket or s3://bucket/prefix; a bucket's name has 3 to 63 lower-case letters, digits, dots and dashes.");
    }

    /// <summary>The place below this one.</summary>
    public S3Location Below(string folder) => this with { Prefix = Prefix.Length == 0 ? ObjectKey.Check(folder) : $"{Prefix}/{ObjectKey.Check(folder)}" };

    /// <inheritdoc/>
    public override string ToString() => Prefix.Length == 0 ? Scheme + Bucket : $"{Scheme}{Bucket}/{Prefix}";

    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    [GeneratedRegex(@"\A[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z")]
    private static partial Regex BucketName();
}
