namespace IotBackend.Domain.Results;

/// <summary>The stable codes of the HTTP contract, each listed with its status in docs/errors.md.</summary>
public static class ErrorCodes
{
    public const string InvalidRequest = "invalid_request";
    public const string InvalidJson = "invalid_json";
    public const string InvalidParameter = "invalid_parameter";
    public const string InvalidCursor = "invalid_cursor";
    public const string CredentialsInUrl = "credentials_in_url";
    public const string MissingCredentials = "missing_credentials";
    public const string InvalidCredentials = "invalid_credentials";
    public const string InsufficientScope = "insufficient_scope";
    public const string BucketNotAllowed = "bucket_not_allowed";
    public const string DeviceNotAllowed = "device_not_allowed";
    public const string NetworkNotAllowed = "network_not_allowed";
    public const string Blocked = "blocked";
    public const string NotFound = "not_found";
    public const string BucketNotFound = "bucket_not_found";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string NotAcceptable = "not_acceptable";
    public const string BodyTooLarge = "body_too_large";
    public const string BatchTooLarge = "batch_too_large";
    public const string UnsupportedMediaType = "unsupported_media_type";
    public const string UnsupportedEncoding = "unsupported_content_encoding";
    public const string RequestTimeout = "request_timeout";
    public const string RateLimitExceeded = "rate_limit_exceeded";
    public const string TooManyStreams = "too_many_streams";
    public const string TooManyConnections = "too_many_connections";
    public const string SeriesLimitExceeded = "series_limit_exceeded";
    public const string InternalError = "internal_error";
    public const string Timeout = "timeout";
    public const string StorageUnavailable = "storage_unavailable";
    public const string KeyStoreUnavailable = "key_store_unavailable";
    public const string Overloaded = "overloaded";
    public const string Conflict = "conflict";
    public const string IdempotencyKeyReused = "idempotency_key_reused";
    public const string PreconditionFailed = "precondition_failed";
    public const string ConfirmationRequired = "confirmation_required";
    public const string NotSupportedByStore = "not_supported_by_store";
    public const string PartialWrite = "partial_write";
    public const string AggregateNeedsNumbers = "aggregate_needs_numbers";
    public const string ResultTooLarge = "result_too_large";

    // Faults of one member of a body, in details.errors[].
    public const string Required = "required";
    public const string WrongType = "wrong_type";
    public const string UnknownMember = "unknown_member";
    public const string DuplicateMember = "duplicate_member";
    public const string InvalidIdentifier = "invalid_identifier";
    public const string InvalidTagValue = "invalid_tag_value";
    public const string InvalidText = "invalid_text";
    public const string TextTooLong = "text_too_long";
    public const string InvalidTimestamp = "invalid_timestamp";
    public const string TimestampOutOfRange = "timestamp_out_of_range";
    public const string NumberOutOfRange = "number_out_of_range";
    public const string IntegerOutOfRange = "integer_out_of_range";
    public const string NoFields = "no_fields";
    public const string TooManyFields = "too_many_fields";
    public const string TooManyTags = "too_many_tags";
    public const string FieldTypeConflict = "field_type_conflict";
    public const string EmptyBatch = "empty_batch";
    public const string BeyondRetention = "beyond_retention";
    public const string TimestampInFuture = "timestamp_in_future";
    public const string UnknownTier = "unknown_tier";
    public const string UnknownScope = "unknown_scope";
    public const string InvalidNetwork = "invalid_network";
    public const string InvalidFingerprint = "invalid_fingerprint";
    public const string RefusedByStore = "refused_by_store";

    // Faults of one item that only some formats of batches have.
    public const string InvalidLine = "invalid_line";
    public const string DeviceMismatch = "device_mismatch";
    public const string UnsupportedVersion = "unsupported_version";
    public const string UnsupportedValue = "unsupported_value";
}
