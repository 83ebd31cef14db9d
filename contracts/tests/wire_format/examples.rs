//! One example of every type, read and written back.

use contracts::page::{Page, PageQuery};
use contracts::problem::{ErrorCode, Problem};
use contracts::{events, music, storage, user};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The example of a type.
pub(crate) fn example(name: &str) -> Value {
    files().get(name).unwrap_or_else(|| panic!("{name} has no example")).clone()
}

fn files() -> Map<String, Value> {
    [
        include_str!("shared.json"),
        include_str!("music.json"),
        include_str!("user.json"),
        include_str!("storage.json"),
    ]
    .into_iter()
    .flat_map(|file| serde_json::from_str::<Map<String, Value>>(file).unwrap())
    .collect()
}

/// The type reads its example and writes it back unchanged.
fn stays<T: Serialize + DeserializeOwned>(name: &str) {
    let example = example(name);
    let read: T = serde_json::from_value(example.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(serde_json::to_value(read).unwrap(), example, "{name}");
}

/// An example that no test reads would say nothing.
#[test]
fn every_example_is_some_types() {
    let tests = include_str!("examples.rs");
    for name in files().keys() {
        assert!(tests.contains(&format!("(\"{name}\")")), "{name}");
    }
}

#[test]
fn shared() {
    stays::<Problem>("Problem");
    stays::<Page<String>>("Page");
    stays::<PageQuery>("PageQuery");
    stays::<contracts::jobs::JobReport>("JobReport");
    stays::<contracts::audit::AuditResponse>("AuditResponse");
}

#[test]
fn events() {
    stays::<events::Event>("Event");
    stays::<events::EventsReceipt>("EventsReceipt");
    stays::<events::DeadLetterResponse>("DeadLetterResponse");
    stays::<events::ReplayEventsRequest>("ReplayEventsRequest");
    stays::<events::ReplayEventsResponse>("ReplayEventsResponse");
    stays::<events::TrackPlayed>("TrackPlayed");
    stays::<events::PlayDeleted>("PlayDeleted");
    stays::<events::TrackChanged>("TrackChanged");
    stays::<events::PlaylistEngaged>("PlaylistEngaged");
    stays::<events::AccountChanged>("AccountChanged");
    stays::<events::AccountErased>("AccountErased");
    stays::<events::AccountRemoved>("AccountRemoved");
    stays::<events::AccountMerged>("AccountMerged");
    stays::<events::CircleChanged>("CircleChanged");
    stays::<events::EntryChanged>("EntryChanged");
    stays::<events::InsightCreated>("InsightCreated");
    stays::<events::FilesReferenced>("FilesReferenced");
    stays::<events::FileReference>("FileReference");
    stays::<events::FileChanged>("FileChanged");
    stays::<events::JobEnded>("JobEnded");
}

#[test]
fn catalogue_and_plays() {
    stays::<music::AlbumResponse>("AlbumResponse");
    stays::<music::CreateAlbumRequest>("CreateAlbumRequest");
    stays::<music::UpdateAlbumRequest>("UpdateAlbumRequest");
    stays::<music::CatalogQuery>("CatalogQuery");
    stays::<music::ListAlbumsQuery>("ListAlbumsQuery");
    stays::<music::TrackResponse>("TrackResponse");
    stays::<music::CreateTrackRequest>("CreateTrackRequest");
    stays::<music::UpdateTrackRequest>("UpdateTrackRequest");
    stays::<music::ListTracksQuery>("ListTracksQuery");
    stays::<music::UpdateTracksRequest>("UpdateTracksRequest");
    stays::<music::RenditionResponse>("RenditionResponse");
    stays::<music::CreateAudioJobRequest>("CreateAudioJobRequest");
    stays::<music::AudioJobResponse>("AudioJobResponse");
    stays::<music::ListRenditionsQuery>("ListRenditionsQuery");
    stays::<music::StreamQuery>("StreamQuery");
    stays::<music::UpdateTracksResponse>("UpdateTracksResponse");
    stays::<music::RecordPlayRequest>("RecordPlayRequest");
    stays::<music::PlayResponse>("PlayResponse");
    stays::<music::RecentPlayResponse>("RecentPlayResponse");
    stays::<music::RecentlyPlayedQuery>("RecentlyPlayedQuery");
}

#[test]
fn lyrics() {
    stays::<music::LyricsResponse>("LyricsResponse");
    stays::<music::CreateLyricsRequest>("CreateLyricsRequest");
    stays::<music::UpdateLyricsRequest>("UpdateLyricsRequest");
    stays::<music::ListLyricsQuery>("ListLyricsQuery");
}

#[test]
fn feedback_and_explore() {
    stays::<music::TrackFeedbackRequest>("TrackFeedbackRequest");
    stays::<music::TrackFeedbackResponse>("TrackFeedbackResponse");
    stays::<music::FeedbackSummaryResponse>("FeedbackSummaryResponse");
    stays::<music::ReleaseResponse>("ReleaseResponse");
    stays::<music::ExploreResponse>("ExploreResponse");
}

#[test]
fn metrics_and_analytics() {
    stays::<music::MetricsQuery>("MetricsQuery");
    stays::<music::MetricsResponse>("MetricsResponse");
    stays::<music::StreamAnalyticsQuery>("StreamAnalyticsQuery");
    stays::<music::StreamAnalyticsResponse>("StreamAnalyticsResponse");
}

#[test]
fn favorites() {
    stays::<music::LikeResponse>("LikeResponse");
    stays::<music::FavoriteTrackResponse>("FavoriteTrackResponse");
    stays::<music::LikedTrackResponse>("LikedTrackResponse");
    stays::<music::UpdateFavoriteTrackRequest>("UpdateFavoriteTrackRequest");
    stays::<music::RateRequest>("RateRequest");
    stays::<music::NotesRequest>("NotesRequest");
    stays::<music::TagsRequest>("TagsRequest");
    stays::<music::FavoriteAlbumResponse>("FavoriteAlbumResponse");
    stays::<music::LikedAlbumResponse>("LikedAlbumResponse");
    stays::<music::UpdateFavoriteAlbumRequest>("UpdateFavoriteAlbumRequest");
    stays::<music::LikedTracksQuery>("LikedTracksQuery");
    stays::<music::FavoritesQuery>("FavoritesQuery");
    stays::<music::FavoritesBatchRequest>("FavoritesBatchRequest");
    stays::<music::FavoritesBatchResponse>("FavoritesBatchResponse");
    stays::<music::TrackDetailResponse>("TrackDetailResponse");
    stays::<music::FollowResponse>("FollowResponse");
    stays::<music::FollowedCreatorResponse>("FollowedCreatorResponse");
    stays::<music::UpdateFollowRequest>("UpdateFollowRequest");
}

#[test]
fn streaming() {
    stays::<music::RecordPlaysRequest>("RecordPlaysRequest");
    stays::<music::RecordPlaysResponse>("RecordPlaysResponse");
    stays::<music::StartSessionRequest>("StartSessionRequest");
    stays::<music::SessionStreamResponse>("SessionStreamResponse");
    stays::<music::StartedSessionResponse>("StartedSessionResponse");
    stays::<music::UpdateSessionRequest>("UpdateSessionRequest");
    stays::<music::EndSessionRequest>("EndSessionRequest");
    stays::<music::EndedSessionResponse>("EndedSessionResponse");
    stays::<music::RecordStreamPlayRequest>("RecordStreamPlayRequest");
}

#[test]
fn stats() {
    stays::<music::StatsResponse>("StatsResponse");
    stays::<music::RecapResponse>("RecapResponse");
    stays::<music::StatsQuery>("StatsQuery");
    stays::<music::CalendarQuery>("CalendarQuery");
    stays::<music::ZoneQuery>("ZoneQuery");
    stays::<music::CalendarResponse>("CalendarResponse");
    stays::<music::DayResponse>("DayResponse");
}

#[test]
fn playlists() {
    stays::<music::ExportQuery>("ExportQuery");
    stays::<music::ImportPlaylistRequest>("ImportPlaylistRequest");
    stays::<music::ImportPlaylistResponse>("ImportPlaylistResponse");
    stays::<music::PreviewRulesRequest>("PreviewRulesRequest");
    stays::<music::RulesPreviewResponse>("RulesPreviewResponse");
    stays::<music::WhyResponse>("WhyResponse");
    stays::<music::PlaylistResponse>("PlaylistResponse");
    stays::<music::PlaylistDetailResponse>("PlaylistDetailResponse");
    stays::<music::CreatePlaylistRequest>("CreatePlaylistRequest");
    stays::<music::UpdatePlaylistRequest>("UpdatePlaylistRequest");
    stays::<music::ListPlaylistsQuery>("ListPlaylistsQuery");
    stays::<music::PlaylistTrackResponse>("PlaylistTrackResponse");
    stays::<music::AddPlaylistTrackRequest>("AddPlaylistTrackRequest");
    stays::<music::RemovePlaylistTrackQuery>("RemovePlaylistTrackQuery");
    stays::<music::PlaylistTracksBatchRequest>("PlaylistTracksBatchRequest");
    stays::<music::PlaylistTracksBatchResponse>("PlaylistTracksBatchResponse");
    stays::<music::OrderPlaylistRequest>("OrderPlaylistRequest");
    stays::<music::PlaylistFollowResponse>("PlaylistFollowResponse");
    stays::<music::FollowerResponse>("FollowerResponse");
    stays::<music::PlaylistActivityResponse>("PlaylistActivityResponse");
    stays::<music::AddCollaboratorRequest>("AddCollaboratorRequest");
    stays::<music::CollaboratorResponse>("CollaboratorResponse");
}

#[test]
fn user() {
    stays::<user::RegisterRequest>("RegisterRequest");
    stays::<user::LoginRequest>("LoginRequest");
    stays::<user::RefreshRequest>("RefreshRequest");
    stays::<user::TokenResponse>("TokenResponse");
    stays::<user::SessionResponse>("SessionResponse");
    stays::<user::UpdateAccountRequest>("UpdateAccountRequest");
    stays::<user::ProfileResponse>("ProfileResponse");
    stays::<user::UpdateProfileRequest>("UpdateProfileRequest");
    stays::<user::ChangePasswordRequest>("ChangePasswordRequest");
    stays::<user::ListAccountsQuery>("ListAccountsQuery");
    stays::<user::AdministerAccountRequest>("AdministerAccountRequest");
    stays::<user::RevocationsResponse>("RevocationsResponse");
    stays::<user::CreateInvitationRequest>("CreateInvitationRequest");
    stays::<user::InvitationResponse>("InvitationResponse");
    stays::<user::JoinCircleRequest>("JoinCircleRequest");
    stays::<user::MembershipResponse>("MembershipResponse");
}

#[test]
fn guests_keys_and_privacy() {
    stays::<user::BeginGuestRequest>("BeginGuestRequest");
    stays::<user::ConvertGuestRequest>("ConvertGuestRequest");
    stays::<user::RequestPasswordResetRequest>("RequestPasswordResetRequest");
    stays::<user::ConfirmPasswordResetRequest>("ConfirmPasswordResetRequest");
    stays::<user::CreateApiKeyRequest>("CreateApiKeyRequest");
    stays::<user::UpdateApiKeyRequest>("UpdateApiKeyRequest");
    stays::<user::ApiKeyResponse>("ApiKeyResponse");
    stays::<user::ExchangeApiKeyRequest>("ExchangeApiKeyRequest");
    stays::<user::AccessTokenResponse>("AccessTokenResponse");
    stays::<user::RecordConsentRequest>("RecordConsentRequest");
    stays::<user::ListConsentsQuery>("ListConsentsQuery");
    stays::<user::ConsentResponse>("ConsentResponse");
    stays::<user::EraseRequest>("EraseRequest");
    stays::<user::DataRequestQuery>("DataRequestQuery");
    stays::<user::DataRequestResponse>("DataRequestResponse");
    stays::<user::AuditEntryResponse>("AuditEntryResponse");
}

#[test]
fn books_and_entries() {
    stays::<user::BookResponse>("BookResponse");
    stays::<user::CreateBookRequest>("CreateBookRequest");
    stays::<user::UpdateBookRequest>("UpdateBookRequest");
    stays::<user::ListBooksQuery>("ListBooksQuery");
    stays::<user::ChapterResponse>("ChapterResponse");
    stays::<user::CreateChapterRequest>("CreateChapterRequest");
    stays::<user::UpdateChapterRequest>("UpdateChapterRequest");
    stays::<user::PutInOrderRequest>("PutInOrderRequest");
    stays::<user::IllustrationResponse>("IllustrationResponse");
    stays::<user::CreateIllustrationRequest>("CreateIllustrationRequest");
    stays::<user::UpdateIllustrationRequest>("UpdateIllustrationRequest");
    stays::<user::ReadingProgressResponse>("ReadingProgressResponse");
    stays::<user::SetProgressRequest>("SetProgressRequest");
    stays::<user::ExportBookQuery>("ExportBookQuery");
    stays::<user::EntryResponse>("EntryResponse");
    stays::<user::ReadEntryResponse>("ReadEntryResponse");
    stays::<user::CreateEntryRequest>("CreateEntryRequest");
    stays::<user::UpdateEntryRequest>("UpdateEntryRequest");
    stays::<user::ListEntriesQuery>("ListEntriesQuery");
    stays::<user::LibraryBookResponse>("LibraryBookResponse");
    stays::<user::BookExport>("BookExport");
}

#[test]
fn profiling() {
    stays::<user::CheckinResponse>("CheckinResponse");
    stays::<user::CreateCheckinRequest>("CreateCheckinRequest");
    stays::<user::AnalysisRunResponse>("AnalysisRunResponse");
    stays::<user::ThemeFrequencyResponse>("ThemeFrequencyResponse");
    stays::<user::PatternResponse>("PatternResponse");
    stays::<user::ReactRequest>("ReactRequest");
    stays::<user::ReactionResponse>("ReactionResponse");
    stays::<user::InsightResponse>("InsightResponse");
    stays::<user::ProfileMetricsResponse>("ProfileMetricsResponse");
    stays::<user::AnalyticsResponse>("AnalyticsResponse");
    stays::<user::ListPatternsQuery>("ListPatternsQuery");
    stays::<user::ProfileMetricsQuery>("ProfileMetricsQuery");
    stays::<user::AnalyticsQuery>("AnalyticsQuery");
    stays::<user::PersonaResponse>("PersonaResponse");
    stays::<user::CurrentPersonaResponse>("CurrentPersonaResponse");
    stays::<user::NotEnough>("NotEnough");
}

#[test]
fn reflections() {
    stays::<user::CreateReflectionRequest>("CreateReflectionRequest");
    stays::<user::AnswerTurnRequest>("AnswerTurnRequest");
    stays::<user::ReflectionResponse>("ReflectionResponse");
    stays::<user::ReflectionSummary>("ReflectionSummary");
}

#[test]
fn storage() {
    stays::<storage::FileResponse>("FileResponse");
    stays::<storage::UploadSessionResponse>("UploadSessionResponse");
    stays::<storage::ViewQuery>("ViewQuery");
    stays::<storage::CreateLinkRequest>("CreateLinkRequest");
    stays::<storage::LinkResponse>("LinkResponse");
    stays::<storage::Media>("Media");
    stays::<storage::VersionResponse>("VersionResponse");
    stays::<storage::ChangeQuery>("ChangeQuery");
    stays::<storage::ExportManifest>("ExportManifest");
    stays::<storage::ListFilesQuery>("ListFilesQuery");
    stays::<storage::AccessLogResponse>("AccessLogResponse");
    stays::<storage::AccessDayResponse>("AccessDayResponse");
    stays::<storage::AccessDaysQuery>("AccessDaysQuery");
    stays::<storage::ServeQuery>("ServeQuery");
    stays::<storage::UpdateFileRequest>("UpdateFileRequest");
    stays::<storage::FetchFileRequest>("FetchFileRequest");
    stays::<storage::UsageResponse>("UsageResponse");
    stays::<storage::UpdateUsageRequest>("UpdateUsageRequest");
    stays::<storage::CompareReferencesRequest>("CompareReferencesRequest");
    stays::<storage::CompareReferencesResponse>("CompareReferencesResponse");
}

#[test]
fn processing_jobs() {
    stays::<storage::ImageMedia>("ImageMedia");
    stays::<storage::OrderJobRequest>("OrderJobRequest");
    stays::<storage::NoParams>("NoParams");
    stays::<storage::ThumbnailParams>("ThumbnailParams");
    stays::<storage::ResizeParams>("ResizeParams");
    stays::<storage::ConvertParams>("ConvertParams");
    stays::<storage::CompressParams>("CompressParams");
    stays::<storage::NormalizeParams>("NormalizeParams");
    stays::<storage::WaveformParams>("WaveformParams");
    stays::<storage::WaveformResponse>("WaveformResponse");
    stays::<storage::JobResponse>("JobResponse");
    stays::<storage::JobOutput>("JobOutput");
    stays::<storage::ListJobsQuery>("ListJobsQuery");
    stays::<storage::QueueStatsResponse>("QueueStatsResponse");
}

#[test]
fn an_order_says_what_its_parameters_say() {
    let params = serde_json::from_value(example("NormalizeParams")).unwrap();
    let order = storage::OrderJobRequest::new(&storage::JobInput::Normalize(params)).unwrap().named("again");
    assert_eq!(order.job_type, contracts::JobType::Normalize);
    assert_eq!(Value::Object(order.input_params), example("NormalizeParams"));
    assert_eq!(order.dedupe_key.as_deref(), Some("again"));
}

#[test]
fn a_patch_tells_absence_from_null() {
    let absent: user::UpdateProfileRequest = serde_json::from_str("{}").unwrap();
    let null: user::UpdateProfileRequest = serde_json::from_str(r#"{"bio": null}"#).unwrap();
    assert_eq!((absent.bio, null.bio), (None, Some(None)));
    let refused = serde_json::from_str::<user::UpdateAccountRequest>(r#"{"displayName": null}"#);
    assert!(refused.is_err());
}

#[test]
fn a_code_is_its_own_name_on_the_wire() {
    let code: ErrorCode = serde_json::from_value(example("Problem")["code"].clone()).unwrap();
    assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
    assert_eq!((code.status(), code.urn().as_str()), (422, "urn:refrain:problem:invalid"));
}
