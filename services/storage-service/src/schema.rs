// Tables of storage-service, as the migrations make them; `just schema-diff` compares the two.

diesel::table! {
    stg_blobs (checksum, storage_provider) {
        checksum -> Text,
        storage_provider -> Text,
        storage_path -> Text,
        byte_size -> BigInt,
        ref_count -> BigInt,
        created_at -> Timestamptz,
        verified_at -> Timestamptz,
        corrupt_at -> Nullable<Timestamptz>,
        bucket -> Nullable<Text>,
    }
}

diesel::table! {
    stg_files (id) {
        id -> Uuid,
        user_id -> Uuid,
        original_name -> Text,
        category -> Text,
        content_type -> Text,
        file_size -> BigInt,
        checksum -> Text,
        current_version_id -> Nullable<Uuid>,
        version_counter -> Integer,
        tags -> Array<Text>,
        is_public -> Bool,
        status -> Text,
        media -> Nullable<Jsonb>,
        uploaded_at -> Timestamptz,
        last_modified -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        current_version -> Integer,
        orphaned_at -> Nullable<Timestamptz>,
        delete_after -> Nullable<Timestamptz>,
        purged_at -> Nullable<Timestamptz>,
        metadata -> Jsonb,
        expires_at -> Nullable<Timestamptz>,
        created_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    stg_versions (id) {
        id -> Uuid,
        file_id -> Uuid,
        version_number -> Integer,
        version_type -> Text,
        storage_provider -> Text,
        storage_path -> Text,
        public_url -> Text,
        content_type -> Text,
        file_size -> BigInt,
        checksum -> Text,
        created_by -> Uuid,
        created_at -> Timestamptz,
        variant_of -> Nullable<Integer>,
        variant_key -> Nullable<Text>,
        processing_params -> Nullable<Jsonb>,
        change_description -> Nullable<Text>,
    }
}

diesel::table! {
    stg_access_logs (id, accessed_at) {
        id -> Uuid,
        file_id -> Uuid,
        version_id -> Nullable<Uuid>,
        user_id -> Nullable<Uuid>,
        action -> Text,
        accessed_at -> Timestamptz,
        ip_address -> Inet,
        user_agent -> Nullable<Text>,
        response_code -> Integer,
        bytes_transferred -> BigInt,
        duration_ms -> Integer,
        range_start -> Nullable<BigInt>,
        range_end -> Nullable<BigInt>,
        aborted -> Bool,
        grant_issuer -> Nullable<Text>,
        request_id -> Text,
        referrer -> Nullable<Text>,
        owner_id -> Nullable<Uuid>,
        metadata -> Jsonb,
    }
}

diesel::table! {
    stg_outbox (id) {
        id -> Uuid,
        seq -> BigInt,
        #[sql_name = "type"]
        kind -> Text,
        subject -> Text,
        data -> Jsonb,
        occurred_at -> Timestamptz,
        taken_by -> Array<Text>,
        settled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    stg_outbox_refusals (event_id, subscriber) {
        event_id -> Uuid,
        subscriber -> Text,
        attempts -> Integer,
        next_attempt_at -> Timestamptz,
        last_error -> Text,
        given_up_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    stg_inbox (event_id) {
        event_id -> Uuid,
        source -> Text,
        #[sql_name = "type"]
        kind -> Text,
        received_at -> Timestamptz,
    }
}

diesel::table! {
    stg_processing_jobs (id) {
        id -> Uuid,
        file_id -> Uuid,
        version_id -> Uuid,
        user_id -> Uuid,
        job_type -> Text,
        status -> Text,
        progress -> SmallInt,
        priority -> SmallInt,
        input_params -> Jsonb,
        output_params -> Jsonb,
        output_version_id -> Nullable<Uuid>,
        run_after -> Timestamptz,
        lease_owner -> Nullable<Text>,
        lease_until -> Nullable<Timestamptz>,
        fencing -> BigInt,
        started_at -> Nullable<Timestamptz>,
        completed_at -> Nullable<Timestamptz>,
        error_message -> Nullable<Text>,
        error_code -> Nullable<Text>,
        retry_count -> Integer,
        max_retries -> Integer,
        dedupe_key -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    stg_file_references (file_id, owner_service, owner_kind, owner_id, role) {
        file_id -> Uuid,
        owner_service -> Text,
        owner_kind -> Text,
        owner_id -> Uuid,
        role -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    stg_quotas (user_id) {
        user_id -> Uuid,
        bytes_limit -> Nullable<BigInt>,
        bytes_used -> BigInt,
        files_used -> BigInt,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    stg_upload_sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        length -> Nullable<BigInt>,
        offset -> BigInt,
        metadata -> Nullable<Text>,
        concat -> Nullable<Text>,
        part_path -> Nullable<Text>,
        fencing -> BigInt,
        settled -> BigInt,
        checksum -> Nullable<Text>,
        completed_file_id -> Nullable<Uuid>,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    stg_access_days (file_id, day, action) {
        file_id -> Uuid,
        day -> Date,
        action -> Text,
        responses -> BigInt,
        refusals -> BigInt,
        aborted -> BigInt,
        bytes_sent -> BigInt,
        readers -> BigInt,
        rolled_up_at -> Timestamptz,
    }
}

diesel::table! {
    stg_grant_uses (grant_id) {
        grant_id -> Uuid,
        uses -> Integer,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    stg_idempotency_keys (user_id, key) {
        user_id -> Uuid,
        key -> Text,
        request_digest -> Bytea,
        status -> SmallInt,
        location -> Text,
        etag -> Nullable<Text>,
        body -> Jsonb,
        answered_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    stg_blobs,
    stg_files,
    stg_versions,
    stg_access_logs,
    stg_processing_jobs,
    stg_file_references,
    stg_quotas,
    stg_access_days,
);
