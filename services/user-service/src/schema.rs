// Tables of user-service, as the migrations make them; `just schema-diff` compares the two.

diesel::table! {
    lib_books (id) {
        id -> Uuid,
        user_id -> Uuid,
        title -> Text,
        subtitle -> Nullable<Text>,
        description -> Nullable<Text>,
        author -> Nullable<Text>,
        category -> Nullable<Text>,
        language -> Nullable<Text>,
        visibility -> Text,
        status -> Text,
        cover_file_id -> Nullable<Uuid>,
        chapter_count -> Int4,
        entry_count -> Int4,
        published_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    lib_chapters (id) {
        id -> Uuid,
        user_id -> Uuid,
        book_id -> Uuid,
        title -> Text,
        description -> Nullable<Text>,
        sort_order -> Int4,
        is_locked -> Bool,
        unlock_trigger -> Text,
        unlock_at -> Nullable<Timestamptz>,
        unlock_threshold -> Nullable<Int4>,
        unlocked_at -> Nullable<Timestamptz>,
        entry_count -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    lib_entries (id) {
        id -> Uuid,
        user_id -> Uuid,
        book_id -> Uuid,
        chapter_id -> Uuid,
        content -> Text,
        entry_type -> Text,
        sort_order -> Int4,
        mood_context -> Nullable<Text>,
        tags -> Array<Text>,
        user_date -> Nullable<Timestamptz>,
        source_title -> Nullable<Text>,
        source_author -> Nullable<Text>,
        source_chapter -> Nullable<Text>,
        attribution -> Nullable<Text>,
        music_hints -> Array<Text>,
        metadata -> Jsonb,
        occurred_at -> Timestamptz,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    lib_entry_themes (user_id, entry_id, theme) {
        user_id -> Uuid,
        entry_id -> Uuid,
        theme -> Text,
        source -> Text,
        weight -> Float8,
    }
}

diesel::table! {
    lib_illustrations (id) {
        id -> Uuid,
        user_id -> Uuid,
        book_id -> Nullable<Uuid>,
        chapter_id -> Nullable<Uuid>,
        entry_id -> Nullable<Uuid>,
        file_id -> Uuid,
        alt_text -> Nullable<Text>,
        illustration_type -> Text,
        sort_order -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    lib_user_library (user_id, book_id) {
        user_id -> Uuid,
        book_id -> Uuid,
        last_chapter_id -> Nullable<Uuid>,
        last_entry_id -> Nullable<Uuid>,
        reading_progress -> Float8,
        last_accessed_at -> Timestamptz,
        completed_at -> Nullable<Timestamptz>,
    }
}

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
        total_entries -> Int8,
        current_streak_days -> Int4,
        longest_streak_days -> Int4,
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

diesel::table! {
    usr_invitations (id) {
        id -> Uuid,
        creator_id -> Uuid,
        token_hash -> Bytea,
        max_uses -> Integer,
        use_count -> Integer,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    usr_invitation_uses (invitation_id, member_id) {
        invitation_id -> Uuid,
        member_id -> Uuid,
        used_at -> Timestamptz,
    }
}

diesel::table! {
    usr_creator_members (creator_id, member_id) {
        creator_id -> Uuid,
        member_id -> Uuid,
        status -> Text,
        invitation_id -> Uuid,
        accepted_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    usr_accounts,
    usr_profiles,
    usr_user_sessions,
    usr_creator_members
);
diesel::allow_tables_to_appear_in_same_query!(
    lib_books,
    lib_chapters,
    lib_entries,
    lib_entry_themes,
    lib_illustrations,
    lib_user_library
);
