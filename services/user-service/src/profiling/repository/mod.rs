//! Rows of the analysis. Whoever writes findings holds the person's turn.

mod deletions;
mod findings;
mod inputs;
mod insights;
mod metrics;
mod periods;
mod personas;
mod reactions;
mod reads;
mod runs;

pub(super) use deletions::{INSIGHT, PATTERN, delete};
pub(crate) use findings::recount_themes;
pub(super) use findings::{refresh_themes, write_patterns};
pub(super) use inputs::load as load_inputs;
pub(super) use insights::write as write_insights;
pub(crate) use insights::{refresh_total as refresh_insight_total, withdraw, withdraw_days};
pub(super) use metrics::{write as write_metrics, write_analytics};
pub(super) use periods::{Look, find_metrics, list_analytics, list_metrics};
pub(super) use personas::{
    find_active as find_persona, last_day as last_day_of_persona, list as list_personas,
    not_enough as not_enough_for_persona, write as write_persona,
};
pub(crate) use reactions::follow_up;
pub(super) use reactions::react;
pub(crate) use reads::find_pattern;
pub(super) use reads::{dismiss, find_run, list_insights, list_patterns, list_runs, list_themes};
pub(super) use runs::{Run, claim, complete as complete_run, fail as fail_run, list_due, list_writers};
