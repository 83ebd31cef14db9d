// Tables of user-service, as the migrations make them; `just schema-diff` compares the two.

diesel::table! {
    usr_accounts (id) {
        id -> Uuid,
        email -> Citext,
        password_hash -> Text,
        display_name -> Text,
        role -> Text,
        status -> Text,
        timezone -> Text,
        language -> Text,
        last_login_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    usr_profiles (user_id) {
        user_id -> Uuid,
        bio -> Nullable<Text>,
        onboarding_initialized -> Bool,
        last_visited_route -> Nullable<Text>,
        last_updated -> Timestamptz,
    }
}

diesel::table! {
    usr_user_sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        family_id -> Uuid,
        refresh_token_hash -> Bytea,
        successor_nonce -> Bytea,
        replaced_by -> Nullable<Uuid>,
        replaced_at -> Nullable<Timestamptz>,
        device_type -> Text,
        ip_address -> Inet,
        user_agent -> Nullable<Text>,
        created_at -> Timestamptz,
        last_activity_at -> Timestamptz,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        revoke_reason -> Nullable<Text>,
    }
}

diesel::table! {
    usr_outbox (id) {
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
    usr_outbox_refusals (event_id, subscriber) {
        event_id -> Uuid,
        subscriber -> Text,
        attempts -> Integer,
        next_attempt_at -> Timestamptz,
        last_error -> Text,
        given_up_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    usr_inbox (event_id) {
        event_id -> Uuid,
        source -> Text,
        #[sql_name = "type"]
        kind -> Text,
        received_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(usr_accounts, usr_profiles, usr_user_sessions);
