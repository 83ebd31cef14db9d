// Tables of music-service, as the migrations make them; `just schema-diff` compares the two.

diesel::table! {
    mus_albums (id) {
        id -> Uuid,
        user_id -> Uuid,
        title -> Text,
        description -> Nullable<Text>,
        genres -> Array<Text>,
        artwork_file_id -> Nullable<Uuid>,
        release_date -> Nullable<Date>,
        #[sql_name = "type"]
        album_type -> Text,
        total_tracks -> Integer,
        total_duration -> Double,
        is_explicit -> Bool,
        visibility -> Text,
        status -> Text,
        mood -> Nullable<Text>,
        language -> Nullable<Text>,
        play_count -> BigInt,
        metadata -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        like_count -> BigInt,
        chapter_id -> Nullable<Uuid>,
        is_system -> Bool,
        created_by -> Uuid,
        updated_by -> Uuid,
    }
}

diesel::table! {
    mus_tracks (id) {
        id -> Uuid,
        user_id -> Uuid,
        album_id -> Nullable<Uuid>,
        title -> Text,
        duration -> Double,
        file_id -> Uuid,
        artwork_file_id -> Nullable<Uuid>,
        genres -> Array<Text>,
        tags -> Array<Text>,
        track_number -> Nullable<Integer>,
        disc_number -> Nullable<Integer>,
        status -> Text,
        quality -> Text,
        bitrate -> Nullable<Integer>,
        sample_rate -> Nullable<Integer>,
        file_size -> BigInt,
        mime_type -> Text,
        is_explicit -> Bool,
        play_count -> BigInt,
        skip_count -> BigInt,
        language -> Nullable<Text>,
        mood -> Nullable<Text>,
        visibility -> Text,
        metadata -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        like_count -> BigInt,
        loudness_lufs -> Nullable<Double>,
        lyrics_id -> Nullable<Uuid>,
        has_synced_lyrics -> Bool,
        variant_group_id -> Nullable<Uuid>,
        source_type -> Text,
        generated_by_user_id -> Nullable<Uuid>,
        play_on_date -> Nullable<Date>,
        created_by -> Uuid,
        updated_by -> Uuid,
        facets -> Array<Text>,
    }
}

diesel::table! {
    mus_recently_played (user_id, play_id) {
        id -> Uuid,
        user_id -> Uuid,
        play_id -> Uuid,
        track_id -> Uuid,
        album_id -> Nullable<Uuid>,
        creator_id -> Uuid,
        played_at -> Timestamptz,
        utc_offset_minutes -> Nullable<SmallInt>,
        duration -> Nullable<Double>,
        completion_rate -> Nullable<Double>,
        completion_source -> Nullable<Text>,
        context -> Jsonb,
        device_type -> Text,
        device_source -> Text,
        session_id -> Nullable<Text>,
        skipped -> Bool,
        client -> Nullable<Text>,
        request_digest -> Bytea,
        playlist_id -> Nullable<Uuid>,
        result_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    mus_favorite_tracks (user_id, track_id) {
        user_id -> Uuid,
        track_id -> Uuid,
        added_at -> Timestamptz,
        play_count -> BigInt,
        last_played_at -> Nullable<Timestamptz>,
        rating -> Nullable<SmallInt>,
        notes -> Nullable<Text>,
        tags -> Array<Text>,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    mus_favorite_albums (user_id, album_id) {
        user_id -> Uuid,
        album_id -> Uuid,
        added_at -> Timestamptz,
        play_count -> BigInt,
        last_played_at -> Nullable<Timestamptz>,
        rating -> Nullable<SmallInt>,
        favorite_track_ids -> Array<Uuid>,
        completion_rate -> Double,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    mus_followed_creators (user_id, creator_id) {
        user_id -> Uuid,
        creator_id -> Uuid,
        added_at -> Timestamptz,
        play_count -> BigInt,
        last_played_at -> Nullable<Timestamptz>,
        rating -> Nullable<SmallInt>,
        notifications_enabled -> Bool,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    mus_playlists (id) {
        id -> Uuid,
        user_id -> Uuid,
        name -> Text,
        description -> Nullable<Text>,
        visibility -> Text,
        artwork_file_id -> Nullable<Uuid>,
        category -> Text,
        icon -> Nullable<Text>,
        color -> Nullable<Text>,
        playlist_type -> Text,
        mood -> Nullable<Text>,
        genre -> Nullable<Text>,
        language -> Nullable<Text>,
        tags -> Array<Text>,
        status -> Text,
        track_count -> Integer,
        total_duration -> Double,
        play_count -> BigInt,
        like_count -> BigInt,
        follower_count -> BigInt,
        metadata -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        rules -> Nullable<Jsonb>,
        is_system -> Bool,
        smart_key -> Nullable<Text>,
    }
}

diesel::table! {
    mus_playlist_tracks (playlist_id, track_id) {
        playlist_id -> Uuid,
        track_id -> Uuid,
        position -> Integer,
        added_by -> Uuid,
        added_at -> Timestamptz,
        play_count -> BigInt,
        last_played_at -> Nullable<Timestamptz>,
        metadata -> Jsonb,
    }
}

diesel::table! {
    mus_playlist_likes (playlist_id, user_id) {
        playlist_id -> Uuid,
        user_id -> Uuid,
        liked_at -> Timestamptz,
    }
}

diesel::table! {
    mus_playlist_followers (playlist_id, user_id) {
        playlist_id -> Uuid,
        user_id -> Uuid,
        followed_at -> Timestamptz,
    }
}

diesel::table! {
    mus_playlist_collaborators (playlist_id, user_id) {
        playlist_id -> Uuid,
        user_id -> Uuid,
        role -> Text,
        added_by -> Uuid,
        added_at -> Timestamptz,
    }
}

diesel::table! {
    mus_playlist_activities (id) {
        id -> Uuid,
        playlist_id -> Uuid,
        user_id -> Uuid,
        action -> Text,
        details -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    mus_stream_sessions (user_id, id) {
        id -> Uuid,
        user_id -> Uuid,
        track_id -> Uuid,
        device_id -> Nullable<Text>,
        session_type -> Text,
        quality -> Text,
        bitrate -> Nullable<Integer>,
        started_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        duration -> Double,
        bytes_streamed -> BigInt,
        heard_intervals -> Jsonb,
        skip_count -> Integer,
        pause_count -> Integer,
        seek_count -> Integer,
        buffer_events -> Integer,
        status -> Text,
        client_info -> Nullable<Text>,
        network_info -> Jsonb,
        errors -> Array<Text>,
        play_id -> Nullable<Uuid>,
        metadata -> Jsonb,
        updated_at -> Timestamptz,
        result_id -> Nullable<Uuid>,
        quality_adaptations -> Integer,
    }
}

diesel::table! {
    mus_outbox (id) {
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
    mus_outbox_refusals (event_id, subscriber) {
        event_id -> Uuid,
        subscriber -> Text,
        attempts -> Integer,
        next_attempt_at -> Timestamptz,
        last_error -> Text,
        given_up_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    mus_idempotency_keys (user_id, key) {
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
    mus_inbox (event_id) {
        event_id -> Uuid,
        source -> Text,
        #[sql_name = "type"]
        kind -> Text,
        received_at -> Timestamptz,
    }
}

diesel::table! {
    mus_creator_members (creator_id, member_id) {
        creator_id -> Uuid,
        member_id -> Uuid,
        joined_at -> Timestamptz,
    }
}

diesel::table! {
    mus_results (id) {
        id -> Uuid,
        track_id -> Uuid,
        user_id -> Uuid,
        file_id -> Uuid,
        file_version -> Nullable<Integer>,
        format -> Text,
        codec -> Text,
        bitrate -> Nullable<Integer>,
        sample_rate -> Nullable<Integer>,
        channels -> Nullable<SmallInt>,
        file_size -> BigInt,
        duration -> Double,
        quality -> Text,
        is_source -> Bool,
        play_count -> BigInt,
        download_count -> BigInt,
        last_played_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        audio_job_id -> Nullable<Uuid>,
        loudness_lufs -> Nullable<Double>,
        metadata -> Jsonb,
    }
}

diesel::table! {
    mus_audio_jobs (id) {
        id -> Uuid,
        user_id -> Uuid,
        track_id -> Uuid,
        source_result_id -> Uuid,
        result_id -> Nullable<Uuid>,
        job_type -> Text,
        processing_type -> Text,
        status -> Text,
        priority -> SmallInt,
        parameters -> Jsonb,
        progress -> SmallInt,
        storage_job_id -> Nullable<Uuid>,
        processing_time_ms -> Nullable<BigInt>,
        error_message -> Nullable<Text>,
        retry_count -> Integer,
        max_retries -> Integer,
        metadata -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        started_at -> Nullable<Timestamptz>,
        completed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    mus_lyrics (id) {
        id -> Uuid,
        user_id -> Uuid,
        entry_id -> Nullable<Uuid>,
        title -> Text,
        content -> Text,
        synced_lines -> Jsonb,
        language -> Nullable<Text>,
        themes -> Array<Text>,
        style -> Nullable<Text>,
        mood -> Nullable<Text>,
        visibility -> Text,
        metadata -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    mus_track_feedback (id) {
        id -> Uuid,
        user_id -> Uuid,
        track_id -> Uuid,
        was_helpful -> Bool,
        context -> Nullable<Text>,
        submitted_at -> Timestamptz,
    }
}

diesel::table! {
    mus_popular_tracks (track_id) {
        track_id -> Uuid,
        score -> Double,
        listeners -> BigInt,
        ranked_at -> Timestamptz,
    }
}

diesel::table! {
    mus_stream_analytics (date, track_id, device_type, country) {
        date -> Date,
        track_id -> Uuid,
        device_type -> Text,
        country -> Text,
        total_plays -> BigInt,
        total_duration -> Double,
        unique_listeners -> BigInt,
        average_completion -> Nullable<Double>,
        skip_rate -> Nullable<Double>,
        average_bitrate -> Nullable<Double>,
        buffer_events -> BigInt,
        quality_adaptations -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    mus_albums,
    mus_tracks,
    mus_recently_played,
    mus_favorite_tracks,
    mus_favorite_albums,
    mus_followed_creators,
    mus_playlists,
    mus_playlist_tracks,
    mus_playlist_likes,
    mus_playlist_followers,
    mus_playlist_collaborators,
    mus_playlist_activities,
    mus_stream_sessions,
    mus_creator_members,
    mus_results,
    mus_audio_jobs,
    mus_popular_tracks,
);
