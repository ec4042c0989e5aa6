namespace Omnibus.Core.Packages.Rpm;

/// <summary>Tags of the main header that Omnibus writes or reads. Numbers: rpm's <c>include/rpm/rpmtag.h</c>.</summary>
internal static class RpmTag
{
    public const int HeaderImmutable = 63;
    public const int HeaderI18nTable = 100;

    public const int Name = 1000;
    public const int Version = 1001;
    public const int Release = 1002;
    public const int Epoch = 1003;
    public const int Summary = 1004;
    public const int Description = 1005;
    public const int BuildTime = 1006;
    public const int BuildHost = 1007;
    public const int Size = 1009;
    public const int Distribution = 1010;
    public const int Vendor = 1011;
    public const int License = 1014;
    public const int Packager = 1015;
    public const int Group = 1016;
    public const int Url = 1020;
    public const int Os = 1021;
    public const int Arch = 1022;
    public const int PreIn = 1023;
    public const int PostIn = 1024;
    public const int PreUn = 1025;
    public const int PostUn = 1026;

    /// <summary>Whole paths; only in packages of rpm 3, which lack <see cref="BaseNames"/>.</summary>
    public const int OldFileNames = 1027;
    public const int FileSizes = 1028;
    public const int FileModes = 1030;
    public const int FileRdevs = 1033;
    public const int FileMtimes = 1034;
    public const int FileDigests = 1035;
    public const int FileLinkTos = 1036;
    public const int FileFlags = 1037;
    public const int FileUserName = 1039;
    public const int FileGroupName = 1040;
    public const int SourceRpm = 1044;
    public const int FileVerifyFlags = 1045;
    public const int ArchiveSize = 1046;
    public const int ProvideName = 1047;
    public const int RequireFlags = 1048;
    public const int RequireName = 1049;
    public const int RequireVersion = 1050;
    public const int ConflictFlags = 1053;
    public const int ConflictName = 1054;
    public const int ConflictVersion = 1055;
    public const int RpmVersion = 1064;
    public const int TriggerScripts = 1065;
    public const int TriggerName = 1066;
    public const int TriggerVersion = 1067;
    public const int TriggerFlags = 1068;
    public const int TriggerIndex = 1069;
    public const int VerifyScript = 1079;
    public const int ChangelogTime = 1080;
    public const int ChangelogName = 1081;
    public const int ChangelogText = 1082;
    public const int PreInProg = 1085;
    public const int PostInProg = 1086;
    public const int PreUnProg = 1087;
    public const int PostUnProg = 1088;
    public const int ObsoleteName = 1090;
    public const int VerifyScriptProg = 1091;
    public const int TriggerScriptProg = 1092;
    public const int Cookie = 1094;
    public const int FileDevices = 1095;
    public const int FileInodes = 1096;
    public const int FileLangs = 1097;
    public const int SourcePackage = 1106;
    public const int ProvideFlags = 1112;
    public const int ProvideVersion = 1113;
    public const int ObsoleteFlags = 1114;
    public const int ObsoleteVersion = 1115;
    public const int DirIndexes = 1116;
    public const int BaseNames = 1117;
    public const int DirNames = 1118;
    public const int PayloadFormat = 1124;
    public const int PayloadCompressor = 1125;
    public const int PayloadFlags = 1126;
    public const int FileColors = 1140;
    public const int FileClass = 1141;
    public const int ClassDict = 1142;
    public const int PreTrans = 1151;
    public const int PostTrans = 1152;
    public const int PreTransProg = 1153;
    public const int PostTransProg = 1154;

    /// <summary>Weak dependencies as SUSE's and Mandriva's rpm wrote them before rpm 4.12.</summary>
    public const int OldSuggestsName = 1156;
    public const int OldSuggestsVersion = 1157;
    public const int OldSuggestsFlags = 1158;
    public const int OldEnhancesName = 1159;
    public const int OldEnhancesVersion = 1160;
    public const int OldEnhancesFlags = 1161;

    public const int LongFileSizes = 5008;
    public const int LongSize = 5009;
    public const int FileCaps = 5010;
    public const int FileDigestAlgo = 5011;
    public const int RecommendName = 5046;
    public const int RecommendVersion = 5047;
    public const int RecommendFlags = 5048;
    public const int SuggestName = 5049;
    public const int SuggestVersion = 5050;
    public const int SuggestFlags = 5051;
    public const int SupplementName = 5052;
    public const int SupplementVersion = 5053;
    public const int SupplementFlags = 5054;
    public const int EnhanceName = 5055;
    public const int EnhanceVersion = 5056;
    public const int EnhanceFlags = 5057;
    public const int Encoding = 5062;
    public const int FileTriggerScripts = 5066;
    public const int FileTriggerScriptProg = 5067;
    public const int FileTriggerName = 5069;
    public const int FileTriggerIndex = 5070;
    public const int FileTriggerVersion = 5071;
    public const int FileTriggerFlags = 5072;
    public const int TransFileTriggerScripts = 5076;
    public const int TransFileTriggerScriptProg = 5077;
    public const int TransFileTriggerName = 5079;
    public const int TransFileTriggerIndex = 5080;
    public const int TransFileTriggerVersion = 5081;
    public const int TransFileTriggerFlags = 5082;
    public const int FileTriggerPriorities = 5084;
    public const int TransFileTriggerPriorities = 5085;
    public const int PayloadDigest = 5092;
    public const int PayloadDigestAlgo = 5093;
    public const int ModularityLabel = 5096;
    public const int PayloadDigestAlt = 5097;
    public const int PreUnTrans = 5103;
    public const int PostUnTrans = 5104;
    public const int PreUnTransProg = 5105;
    public const int PostUnTransProg = 5106;
}

/// <summary>Tags of the signature header. Numbers: rpm's <c>include/rpm/rpmtag.h</c> (the table of format_v4.md prints 272 for SHA256; the header file and real packages say 273).</summary>
internal static class RpmSignatureTag
{
    public const int HeaderSignatures = 62;

    /// <summary>OpenPGP signature of the header alone: DSA, ECDSA or EdDSA.</summary>
    public const int Dsa = 267;

    /// <summary>OpenPGP signature of the header alone: RSA.</summary>
    public const int Rsa = 268;
    public const int Sha1 = 269;
    public const int LongSize = 270;
    public const int LongArchiveSize = 271;
    public const int Sha256 = 273;

    /// <summary>OpenPGP signatures of the header alone in base64, any number of them (rpm 6).</summary>
    public const int OpenPgp = 278;
    public const int Sha3_256 = 279;
    public const int Reserved = 999;
    public const int Size = 1000;

    /// <summary>Signature of header and payload: RSA (rpm before 4.14).</summary>
    public const int Pgp = 1002;
    public const int Md5 = 1004;

    /// <summary>Signature of header and payload: DSA (rpm before 4.14).</summary>
    public const int Gpg = 1005;
    public const int PayloadSize = 1007;
    public const int ReservedSpace = 1008;
}

/// <summary>Types of header data (<c>rpmTagType</c> of rpmtag.h).</summary>
internal enum RpmTagType
{
    Char = 1,
    Int8 = 2,
    Int16 = 3,
    Int32 = 4,
    Int64 = 5,
    String = 6,
    Binary = 7,
    StringArray = 8,
    I18nString = 9,
}
