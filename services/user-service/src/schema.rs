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
        is_system -> Bool,
        is_read_only -> Bool,
        system_type -> Nullable<Text>,
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
        depth_level -> Int4,
        sentiment -> Nullable<Text>,
        sentiment_score -> Nullable<Float8>,
        sentiment_reason -> Nullable<Text>,
        emotional_intensity -> Nullable<Int4>,
        themes -> Array<Text>,
        language -> Text,
        word_count -> Int4,
        analysis_source -> Text,
        client_values -> Array<Text>,
        analysis_version -> Int4,
        processing_status -> Text,
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
        width -> Nullable<Int4>,
        height -> Nullable<Int4>,
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
        email -> Nullable<Citext>,
        password_hash -> Nullable<Text>,
        display_name -> Text,
        role -> Text,
        status -> Text,
        timezone -> Text,
        language -> Text,
        last_login_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        is_guest -> Bool,
        email_verified -> Bool,
        avatar_file_id -> Nullable<Uuid>,
        preferences -> Jsonb,
        last_seen_at -> Nullable<Timestamptz>,
        created_by -> Nullable<Uuid>,
        updated_by -> Nullable<Uuid>,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    usr_audit_logs (id) {
        id -> Uuid,
        user_id -> Nullable<Uuid>,
        actor_id -> Nullable<Uuid>,
        action -> Text,
        ip_address -> Nullable<Inet>,
        user_agent -> Nullable<Text>,
        details -> Jsonb,
        occurred_at -> Timestamptz,
    }
}

diesel::table! {
    usr_api_keys (id) {
        id -> Uuid,
        user_id -> Uuid,
        name -> Text,
        key_hash -> Bytea,
        scopes -> Array<Text>,
        created_at -> Timestamptz,
        last_used_at -> Nullable<Timestamptz>,
        expires_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    usr_password_resets (id) {
        id -> Uuid,
        email -> Citext,
        user_id -> Nullable<Uuid>,
        token_hash -> Nullable<Bytea>,
        attempts -> Int4,
        next_attempt_at -> Nullable<Timestamptz>,
        requested_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    usr_consent_records (id) {
        id -> Uuid,
        user_id -> Uuid,
        purpose -> Text,
        given -> Bool,
        policy_version -> Text,
        source -> Text,
        ip_address -> Inet,
        recorded_at -> Timestamptz,
        withdrawn_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    usr_data_requests (id) {
        id -> Uuid,
        user_id -> Nullable<Uuid>,
        person_hash -> Bytea,
        kind -> Text,
        status -> Text,
        keep_public_tracks -> Bool,
        receipt -> Jsonb,
        receipt_token_hash -> Bytea,
        file_id -> Nullable<Uuid>,
        attempts -> Int4,
        run_after -> Nullable<Timestamptz>,
        error -> Nullable<Text>,
        requested_at -> Timestamptz,
        completed_at -> Nullable<Timestamptz>,
        expires_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    usr_guest_merges (guest_id) {
        guest_id -> Uuid,
        user_id -> Uuid,
        merged_at -> Timestamptz,
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
        total_insights -> Int4,
        total_reflections -> Int4,
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
        device_info -> Nullable<Text>,
    }
}

diesel::table! {
    usr_token_blacklist (session_id) {
        session_id -> Uuid,
        user_id -> Nullable<Uuid>,
        reason -> Text,
        issued_until -> Timestamptz,
        expires_at -> Timestamptz,
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
    usr_idempotency_keys (user_id, key) {
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
    usr_mood_checkins (id) {
        id -> Uuid,
        user_id -> Uuid,
        mood -> Text,
        emotional_intensity -> Nullable<Int4>,
        content -> Nullable<Text>,
        trigger_tag -> Nullable<Text>,
        responded_at -> Timestamptz,
        linked_reflection_id -> Nullable<Uuid>,
        pattern_connection_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    usr_analysis_runs (id) {
        id -> Uuid,
        user_id -> Uuid,
        trigger -> Text,
        status -> Text,
        started_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        watermark -> Nullable<Date>,
        algorithm_version -> Int4,
        seed -> Nullable<Int8>,
        counts -> Jsonb,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    usr_profile_theme_frequencies (user_id, theme) {
        user_id -> Uuid,
        theme -> Text,
        count -> Int4,
        first_seen -> Timestamptz,
        last_seen -> Timestamptz,
        source -> Text,
    }
}

diesel::table! {
    usr_user_patterns (id) {
        id -> Uuid,
        user_id -> Uuid,
        pattern_type -> Text,
        pattern_key -> Text,
        pattern_name -> Text,
        description -> Text,
        frequency -> Int4,
        peak_frequency -> Int4,
        strength -> Float8,
        confidence -> Float8,
        sample_size -> Int4,
        trend -> Text,
        first_observed -> Date,
        last_observed -> Date,
        last_detected -> Date,
        related_themes -> Array<Text>,
        trigger_factors -> Array<Text>,
        evidence_entry_ids -> Array<Uuid>,
        exploration_prompt -> Text,
        is_active -> Bool,
        deactivated_reason -> Nullable<Text>,
        metadata -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        evidence_reflection_ids -> Array<Uuid>,
        deleted_at -> Nullable<Timestamptz>,
        evidence_checkin_ids -> Array<Uuid>,
        evidence_days -> Array<Date>,
    }
}

diesel::table! {
    usr_pattern_reactions (user_id, pattern_id) {
        user_id -> Uuid,
        pattern_id -> Uuid,
        reaction -> Text,
        explanation -> Nullable<Text>,
        sample_size -> Int4,
        reacted_at -> Timestamptz,
        follow_up_reflection_id -> Nullable<Uuid>,
        generated_insight_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    usr_insights (id) {
        id -> Uuid,
        user_id -> Uuid,
        pattern_id -> Uuid,
        run_id -> Uuid,
        #[sql_name = "type"]
        type_ -> Text,
        title -> Text,
        content -> Text,
        confidence -> Float8,
        sample_size -> Int4,
        evidence -> Jsonb,
        themes -> Array<Text>,
        priority -> Int4,
        method -> Text,
        algorithm_version -> Int4,
        generated_at -> Timestamptz,
        dismissed_at -> Nullable<Timestamptz>,
        withdrawn_at -> Nullable<Timestamptz>,
        validated_at -> Nullable<Timestamptz>,
        validated_by -> Nullable<Uuid>,
        entry_id -> Nullable<Uuid>,
        category -> Text,
        actionable -> Bool,
        deleted_at -> Nullable<Timestamptz>,
        evidence_days -> Array<Date>,
    }
}

diesel::table! {
    usr_reflections (id) {
        id -> Uuid,
        user_id -> Uuid,
        pattern_id -> Nullable<Uuid>,
        started_at -> Timestamptz,
        completed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    usr_reflection_turns (user_id, reflection_id, turn_number) {
        user_id -> Uuid,
        reflection_id -> Uuid,
        turn_number -> Int4,
        question -> Text,
        asked_at -> Timestamptz,
        response -> Nullable<Text>,
        submitted_at -> Nullable<Timestamptz>,
        response_time_ms -> Nullable<Int8>,
        is_breakthrough -> Bool,
        engagement_level -> Nullable<Int4>,
        follow_ups -> Array<Text>,
        language -> Nullable<Text>,
        word_count -> Nullable<Int4>,
        sentiment_score -> Nullable<Float8>,
        emotional_intensity -> Nullable<Int4>,
        themes -> Array<Text>,
    }
}

diesel::table! {
    usr_user_personas (id) {
        id -> Uuid,
        user_id -> Uuid,
        version -> Int4,
        persona_name -> Text,
        persona_description -> Text,
        personality -> Jsonb,
        behavior -> Jsonb,
        cognitive -> Jsonb,
        social -> Jsonb,
        growth -> Jsonb,
        confidence -> Float8,
        data_points -> Int4,
        source_timeframe_start -> Date,
        source_timeframe_end -> Date,
        is_active -> Bool,
        evidence -> Jsonb,
        algorithm_version -> Int4,
        generated_at -> Timestamptz,
    }
}

diesel::table! {
    usr_profile_metrics (user_id, period) {
        user_id -> Uuid,
        period -> Text,
        period_kind -> Text,
        period_start -> Date,
        insight_count -> Int4,
        unique_themes -> Int4,
        entry_count -> Int4,
        plays -> Int4,
        new_insights -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    usr_profile_analytics (user_id, analysis_type, timeframe, valid_from) {
        user_id -> Uuid,
        analysis_type -> Text,
        timeframe -> Text,
        valid_from -> Date,
        valid_to -> Date,
        data -> Jsonb,
        progress_indicators -> Jsonb,
        computed_at -> Timestamptz,
    }
}

diesel::table! {
    usr_heard_plays (user_id, play_id) {
        user_id -> Uuid,
        play_id -> Uuid,
        track_id -> Uuid,
        played_at -> Timestamptz,
        day -> Date,
        is_night -> Bool,
        seconds -> Float8,
        completion_rate -> Nullable<Float8>,
        genres -> Array<Text>,
        mood -> Nullable<Text>,
    }
}

diesel::table! {
    usr_listening_days (user_id, day) {
        user_id -> Uuid,
        day -> Date,
        plays -> Int4,
        seconds_heard -> Float8,
        distinct_tracks -> Int4,
        night_share -> Float8,
        top_genres -> Array<Text>,
        top_moods -> Array<Text>,
        mean_completion -> Nullable<Float8>,
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
    usr_creator_members,
);
diesel::allow_tables_to_appear_in_same_query!(
    lib_books,
    lib_chapters,
    lib_entries,
    lib_entry_themes,
    lib_illustrations,
    lib_user_library
);
