//! Words about what is seen in a person's entries, moods and plays.

text_enum! {
    /// Which detector found a pattern.
    PatternType {
        /// Moods.
        Emotional = "emotional",
        /// Weekdays and parts of the day.
        Temporal = "temporal",
        /// What entries are about.
        Thematic = "thematic",
        /// How the person writes.
        Behavioral = "behavioral",
        /// What goes with listening.
        Musical = "musical",
    }
}

text_enum! {
    /// Whether a pattern grows.
    Trend {
        /// It grows.
        Rising = "rising",
        /// It stays.
        Stable = "stable",
        /// It shrinks.
        Falling = "falling",
        /// The last run did not see it.
        Fading = "fading",
    }
}

text_enum! {
    /// Why a pattern is not shown.
    DeactivatedReason {
        /// No run saw it for weeks.
        NotSeen = "not seen",
        /// The person says that it is not so.
        NotMe = "not_me",
        /// Entries that it rested on were deleted.
        EvidenceDeleted = "evidence deleted",
    }
}

text_enum! {
    /// What a person says to a pattern.
    Reaction {
        /// That is so.
        Resonates = "resonates",
        /// In part.
        Partially = "partially",
        /// Tell me more.
        Curious = "curious",
        /// That is not so.
        NotMe = "not_me",
    }
}

text_enum! {
    /// What began an analysis.
    RunTrigger {
        /// The night.
        Schedule = "schedule",
        /// The person.
        Manual = "manual",
        /// New entries.
        Event = "event",
    }
}

text_enum! {
    /// How far an analysis is.
    RunStatus {
        /// At work.
        Running = "running",
        /// Done.
        Completed = "completed",
        /// Broken down.
        Failed = "failed",
    }
}

text_enum! {
    /// Weeks or months.
    PeriodKind {
        /// ISO weeks.
        Week = "week",
        /// Months of the calendar.
        Month = "month",
    }
}

text_enum! {
    /// From which side a week or a month is looked at.
    AnalysisType {
        /// Entries and words.
        Writing = "writing",
        /// Moods and how entries sound.
        Mood = "mood",
        /// Plays.
        Listening = "listening",
        /// What entries are about.
        Themes = "themes",
    }
}
