//! Words about books and entries.

text_enum! {
    /// Life of a book.
    BookStatus {
        /// Being written; only its owner sees it.
        Draft = "draft",
        /// Published.
        Active = "active",
        /// Put away.
        Archived = "archived",
    }
}

text_enum! {
    /// Which books a list holds.
    BookScope {
        /// The caller's own.
        Mine = "mine",
        /// Those that others share with the circles that the caller is in.
        Shared = "shared",
        /// Those that everyone may read.
        Public = "public",
    }
}

text_enum! {
    /// What unlocks a chapter.
    UnlockTrigger {
        /// It was never locked.
        None = "none",
        /// A day comes.
        Date = "date",
        /// The book has so many entries.
        Entries = "entries",
        /// Its owner has read so much of the book.
        Progress = "progress",
    }
}

text_enum! {
    /// What an entry is.
    EntryType {
        /// Thoughts.
        Reflection = "reflection",
        /// An answer to a question.
        Prompt = "prompt",
        /// Thanks.
        Gratitude = "gratitude",
        /// A dream.
        Dream = "dream",
        /// An aim.
        Goal = "goal",
        /// Copied out of another text: not the person's own words.
        Excerpt = "excerpt",
        /// A place in another text: not the person's own words.
        Bookmark = "bookmark",
    }
}

impl EntryType {
    /// Whether it is in the person's own words, which alone say something of the person.
    #[must_use]
    pub fn is_own_words(self) -> bool {
        !matches!(self, Self::Excerpt | Self::Bookmark)
    }
}

text_enum! {
    /// What kind of picture an illustration is.
    IllustrationType {
        /// Any picture.
        Picture = "picture",
        /// A photograph.
        Photo = "photo",
        /// Drawn by hand.
        Drawing = "drawing",
        /// It explains something.
        Diagram = "diagram",
        /// Something else.
        Other = "other",
    }
}

text_enum! {
    /// In which format a book leaves.
    BookFormat {
        /// Markdown, to be read.
        Markdown = "markdown",
        /// JSON, with everything.
        Json = "json",
    }
}

text_enum! {
    /// Where the theme of an entry comes from, the strongest first.
    ThemeSource {
        /// The client named it.
        Client = "client",
        /// The person tagged it.
        Tag = "tag",
        /// Its words are in the lexicon.
        Lexicon = "lexicon",
        /// The words stand out of the text.
        Keyword = "keyword",
    }
}

text_enum! {
    /// How a text sounds.
    Sentiment {
        /// Bad.
        Negative = "negative",
        /// Neither.
        Neutral = "neutral",
        /// Good.
        Positive = "positive",
        /// Both.
        Mixed = "mixed",
    }
}

text_enum! {
    /// Why nothing is said of how a text sounds.
    SentimentReason {
        /// It was written before texts were read.
        NotAnalysed = "not analysed",
        /// It is in no language that is known here.
        LanguageUnknown = "language unknown",
        /// There is no lexicon of feelings for its language.
        NoLexicon = "no lexicon",
        /// It is copied.
        NotOwnWords = "not own words",
        /// The analysis broke down.
        Failed = "failed",
    }
}

text_enum! {
    /// A value of an entry that its writer may say in place of the analysis.
    ClientValue {
        /// How it sounds.
        Sentiment = "sentiment",
        /// The same as a number.
        SentimentScore = "sentimentScore",
        /// How strong the feeling is.
        EmotionalIntensity = "emotionalIntensity",
        /// What it is about.
        Themes = "themes",
        /// Which language it is in.
        Language = "language",
    }
}

text_enum! {
    /// Who says what an entry says.
    AnalysisSource {
        /// Its writer, at least in part.
        Client = "client",
        /// The lexicons.
        Lexicon = "lexicon",
    }
}

text_enum! {
    /// How far the analysis of an entry is.
    ProcessingStatus {
        /// Not begun.
        Pending = "pending",
        /// At work.
        Processing = "processing",
        /// Done.
        Completed = "completed",
        /// Broken down; the entry itself is stored.
        Failed = "failed",
    }
}
