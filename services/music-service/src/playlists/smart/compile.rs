//! Rules become SQL.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use contracts::music::rules::{Condition, Kind, MAX_LIMIT, NumberOp, Predicate, SortKey, Test, TextOp};

use super::fields::{Place, is_of_hearing, place_of};
use super::narrow::Narrow;
use super::program::{Program, Reference};
use super::sql::Sql;
use crate::visibility;

/// What the tests of one set of rules have in common.
pub(super) struct Compiler<'a> {
    pub(super) program: &'a Program,
    pub(super) now: DateTime<Utc>,
    pub(super) sql: Sql,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(program: &'a Program, now: DateTime<Utc>) -> Self {
        Self { program, now, sql: Sql::default() }
    }

    fn timezone(&self) -> Tz {
        self.program.rules.timezone
    }

    /// A query for the ids of the tracks that the rules give, in their order, and no more than so many.
    pub(super) fn tracks(&mut self, most: u32) {
        let rules = &self.program.rules;
        self.sql.push("WITH ");
        self.heard();
        if rules.limit_per_album.is_none() && rules.limit_per_creator.is_none() && rules.max_minutes.is_none()
        {
            // Without windows the database may stop when it has enough.
            self.sql.push(" SELECT track.id ");
            self.chosen();
            self.sql.push(" ORDER BY ");
            self.order();
        } else {
            self.sql.push(
                ", chosen AS (SELECT track.id, track.duration, coalesce(track.album_id, track.id) AS album_id,
                    coalesce(track.generated_by_user_id, album.user_id, track.user_id) AS creator_id, row_number() OVER (ORDER BY ",
            );
            self.order();
            self.sql.push(") AS place ");
            self.chosen();
            self.sql.push(")");
            self.within_limits();
        }
        // A number of ours, in words: a plan for any limit would not know that it is small.
        self.sql.push(&format!(" LIMIT {}", rules.limit.min(most)));
    }

    /// The tracks that hold the conditions.
    fn chosen(&mut self) {
        let condition = &self.program.rules.condition;
        self.narrowed(&Narrow::of(condition), self.hears());
        self.not_by_hand();
        self.sql.push(" AND ");
        self.condition(condition);
    }

    /// Of those chosen, so many of an album and of a creator, and so long together.
    fn within_limits(&mut self) {
        let rules = &self.program.rules;
        let unlimited = i64::from(MAX_LIMIT);
        self.sql.push(
            ", of_albums AS (SELECT *, row_number() OVER (PARTITION BY album_id ORDER BY place) AS nth FROM chosen),
            of_creators AS (SELECT id, duration, place, row_number() OVER (PARTITION BY creator_id ORDER BY place) AS nth
                FROM of_albums WHERE nth <= ",
        );
        self.sql.bigint(rules.limit_per_album.map_or(unlimited, i64::from));
        self.sql.push(
            "), timed AS (SELECT id, place, sum(duration) OVER (ORDER BY place) AS so_far FROM of_creators WHERE nth <= ",
        );
        self.sql.bigint(rules.limit_per_creator.map_or(unlimited, i64::from));
        self.sql.push(") SELECT id FROM timed WHERE so_far <= ");
        self.sql.double(rules.max_minutes.map_or(f64::MAX, |minutes| f64::from(minutes) * 60.0));
        self.sql.push(" ORDER BY place");
    }

    /// The owner's plays of each track, taken together.
    pub(super) fn heard(&mut self) {
        self.sql.push(
            "heard AS (SELECT track_id, count(*) AS plays, count(*) FILTER (WHERE skipped) AS skips,
                avg(completion_rate) AS completion, max(played_at) AS last
            FROM mus_recently_played WHERE user_id = ",
        );
        self.sql.id(self.program.owner);
        self.sql.push(" GROUP BY track_id)");
    }

    /// Whether the rules ask what the owner heard, or sort by it.
    pub(super) fn hears(&self) -> bool {
        let rules = &self.program.rules;
        let sorts = |key: &SortKey| matches!(key, SortKey::Field { field, .. } if is_of_hearing(*field));
        rules.condition.tests().into_iter().any(|test| is_of_hearing(test.field))
            || rules.sort.iter().any(sorts)
    }

    /// Those of the tracks that the owner may play which can hold the tests, with what they ask about.
    pub(super) fn narrowed(&mut self, narrow: &Narrow, hears: bool) {
        self.source(narrow, hears);
        self.playable();
        // What the owner heard or likes is few enough.
        let is_few = narrow.heard || narrow.liked;
        for facets in narrow.facets.iter().filter(|_| !is_few) {
            self.sql.push(" AND track.facets && ARRAY[");
            for (index, facet) in facets.iter().enumerate() {
                self.sql.push(&format!("{}'{}:' || lower(", if index == 0 { "" } else { ", " }, facet.kind));
                self.sql.text(&facet.word);
                self.sql.push(")");
            }
            self.sql.push("]");
        }
    }

    /// Tracks with what the tests ask about; all of them, or only those that can hold them. `hears`: with what the owner heard,
    /// which is put together from many plays; what else nobody asks for the database leaves out by itself.
    pub(super) fn source(&mut self, narrow: &Narrow, hears: bool) {
        self.sql.push("FROM mus_tracks AS track LEFT JOIN mus_albums AS album ON album.id = track.album_id");
        if narrow.heard || hears {
            self.sql.push(if narrow.heard { " JOIN heard" } else { " LEFT JOIN heard" });
            self.sql.push(" ON heard.track_id = track.id");
        }
        self.sql.push(if narrow.liked { " JOIN" } else { " LEFT JOIN" });
        self.sql.push(" mus_favorite_tracks AS liked ON liked.track_id = track.id AND liked.user_id = ");
        self.sql.id(self.program.owner);
    }

    /// Tracks that the owner may see and play.
    pub(super) fn playable(&mut self) {
        self.sql.push(" WHERE track.deleted_at IS NULL AND track.status IN ('active', 'published') AND ");
        let rule = visibility::rule("track", &visibility::BOUND.to_string(), "false");
        for (index, between) in rule.split(visibility::BOUND).enumerate() {
            if index > 0 {
                self.sql.id(self.program.owner);
            }
            self.sql.push(between);
        }
    }

    /// Not those that are pinned or left out.
    fn not_by_hand(&mut self) {
        self.sql.push(" AND track.id <> ALL (");
        self.sql.ids(&self.program.rules.exclude);
        self.sql.push(")");
        if let Some(id) = self.program.pins_of {
            self.sql.push(" AND NOT EXISTS (SELECT FROM mus_playlist_tracks AS pin WHERE pin.track_id = track.id AND pin.playlist_id = ");
            self.sql.id(id);
            self.sql.push(")");
        }
    }

    fn order(&mut self) {
        for key in &self.program.rules.sort {
            match key {
                SortKey::Random { seed } => {
                    self.sql.push("hashtextextended(track.id::text, ");
                    self.sql.bigint(*seed);
                    self.sql.push("), ");
                }
                SortKey::Field { field, descending } => {
                    if let Place::One(column) = place_of(*field, self.timezone()) {
                        // Words as people look them up: without case and accents.
                        let is_text = matches!(field.kind(), Kind::Text);
                        self.sql.push(&if is_text {
                            format!("mus_fold({column})")
                        } else {
                            column.to_owned()
                        });
                        self.sql.push(if *descending { " DESC NULLS LAST, " } else { " ASC NULLS LAST, " });
                    }
                }
            }
        }
        self.sql.push("track.id DESC");
    }

    pub(super) fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::Test(test) => self.test(test),
            Condition::Not(inner) => {
                self.sql.push("NOT ");
                self.condition(inner);
            }
            Condition::All(conditions) => self.group(conditions, "true", " AND "),
            Condition::Any(conditions) => self.group(conditions, "false", " OR "),
        }
    }

    fn group(&mut self, conditions: &[Condition], of_none: &str, between: &str) {
        self.sql.push("(");
        self.sql.push(of_none);
        for condition in conditions {
            self.sql.push(between);
            self.condition(condition);
        }
        self.sql.push(")");
    }

    /// True or false, never null: what is not there is not so.
    pub(super) fn test(&mut self, test: &Test) {
        let place = place_of(test.field, self.timezone());
        let negated = match &test.predicate {
            Predicate::Text { negated, .. }
            | Predicate::InTheLast { negated, .. }
            | Predicate::OnPlaylist { negated, .. } => *negated,
            Predicate::Present(present) => !present,
            // Of several: none of them is it.
            Predicate::Number { op: NumberOp::IsNot, .. } => matches!(place, Place::OfPlays(_)),
            _ => false,
        };
        self.sql.push(if negated { "(NOT coalesce(" } else { "(coalesce(" });
        match place {
            Place::Track => self.on_playlist(&test.predicate),
            Place::One(column) => self.predicate(column, &test.predicate),
            Place::Many(array) => {
                self.sql.push(&format!("EXISTS (SELECT FROM unnest({array}) AS item WHERE "));
                self.predicate("item", &test.predicate);
                self.sql.push(")");
            }
            Place::OfPlays(column) => {
                self.sql.push("EXISTS (SELECT FROM mus_recently_played AS play WHERE play.track_id = track.id AND play.user_id = ");
                self.sql.id(self.program.owner);
                self.sql.push(" AND ");
                match &test.predicate {
                    Predicate::Number { op: NumberOp::IsNot, value } => {
                        self.predicate(&column, &Predicate::Number { op: NumberOp::Is, value: *value });
                    }
                    other => self.predicate(&column, other),
                }
                self.sql.push(")");
            }
        }
        self.sql.push(", false))");
    }

    fn predicate(&mut self, column: &str, predicate: &Predicate) {
        match predicate {
            Predicate::Text { op, value, .. } => self.compare_texts(column, *op, value),
            Predicate::Number { op, value } => {
                self.sql.push(&format!("{column} {} ", operator(*op)));
                self.sql.double(*value);
            }
            Predicate::Range(from, to) => {
                self.sql.push(&format!("{column} BETWEEN "));
                self.sql.double(*from);
                self.sql.push(" AND ");
                self.sql.double(*to);
            }
            Predicate::Bool(value) => {
                self.sql.push(&format!("{column} = "));
                self.sql.bool(*value);
            }
            Predicate::Before(instant) => self.compare_times(column, "<", *instant),
            Predicate::After(instant) => self.compare_times(column, ">", *instant),
            Predicate::InTheLast { span, .. } => {
                let start = span.start(self.now, self.timezone());
                self.compare_times(column, ">=", start);
            }
            Predicate::Present(_) => self.sql.push(&format!("{column}::text <> ''")),
            Predicate::OnPlaylist { .. } => self.sql.push("false"),
        }
    }

    fn compare_times(&mut self, column: &str, operator: &str, instant: DateTime<Utc>) {
        self.sql.push(&format!("{column} {operator} "));
        self.sql.time(instant);
    }

    /// `is` knows a text by its letters, as the index of words does; what looks into a text finds it as searches do, without accents.
    fn compare_texts(&mut self, column: &str, op: TextOp, value: &str) {
        let (before, after) = match op {
            TextOp::Is => (format!("lower({column}) = lower("), ")"),
            TextOp::Contains => (format!("strpos(mus_fold({column}), mus_fold("), ")) > 0"),
            TextOp::StartsWith => (format!("starts_with(mus_fold({column}), mus_fold("), "))"),
            TextOp::EndsWith => {
                (format!("starts_with(reverse(mus_fold({column})), reverse(mus_fold("), ")))")
            }
        };
        self.sql.push(&before);
        self.sql.text(value);
        self.sql.push(after);
    }

    fn on_playlist(&mut self, predicate: &Predicate) {
        let Predicate::OnPlaylist { id, .. } = predicate else {
            return self.sql.push("false");
        };
        match self.program.referred.get(id) {
            None | Some(Reference::Nothing) => self.sql.push("false"),
            Some(Reference::Tracks { id, rules }) => {
                self.sql.push("EXISTS (SELECT FROM mus_playlist_tracks AS entry WHERE entry.track_id = track.id AND entry.playlist_id = ");
                self.sql.id(*id);
                self.sql.push(")");
                if let Some(program) = rules {
                    self.sql.push(" OR track.id IN (");
                    let mut nested = Compiler { program, now: self.now, sql: std::mem::take(&mut self.sql) };
                    nested.tracks(MAX_LIMIT);
                    self.sql = nested.sql;
                    self.sql.push(")");
                }
            }
        }
    }
}

fn operator(op: NumberOp) -> &'static str {
    match op {
        NumberOp::Is => "=",
        NumberOp::IsNot => "<>",
        NumberOp::Gt => ">",
        NumberOp::Gte => ">=",
        NumberOp::Lt => "<",
        NumberOp::Lte => "<=",
    }
}
