//! The operator's list of jobs, called in this process so that its statements can be counted.

use app::wiring::{App, Ground};
use app::{Config, router};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::{Extension, Router};
use identity::{Caller, Person, SignedIn};
use platform::jobs::{Draft, Job};
use serde_json::Value;
use testkit::{TestDb, statements};
use tower::ServiceExt;
use types::{Language, PersonId, SessionId};

/// Nobody knows how to do it: each is dead after its first try.
#[derive(serde::Serialize, serde::Deserialize)]
struct Unheard;

impl Job for Unheard {
    const KIND: &'static str = "unheard";
    const ATTEMPTS_MAX: i16 = 1;
}

struct Desk {
    app: App,
    router: Router,
    test: TestDb,
    _files: tempfile::TempDir,
}

impl Desk {
    async fn open() -> Self {
        let test = TestDb::create().await;
        let files = tempfile::tempdir().unwrap();
        let config = Config { data_dir: files.path().to_owned(), ..Config::default() };
        let ground = Ground { db: test.db.clone(), clock: test.clock.clone(), entropy: test.entropy.clone() };
        let app = App::new(config, ground).unwrap();
        let (router, _) = router::api(&app);
        Self { app, router, test, _files: files }
    }

    async fn jobs_die(&self, count: usize) {
        let mut connection = self.test.db.acquire().await.unwrap();
        for _ in 0..count {
            self.app.jobs.enqueue(&mut connection, Draft::of_nobody(&Unheard)).await.unwrap();
        }
        drop(connection);
        while self.app.worker().run_due().await.unwrap() > 0 {}
    }

    async fn list(&self, operator: bool) -> (StatusCode, Value) {
        let person = Person {
            id: PersonId::from_uuid(uuid::Uuid::from_u128(1)),
            name: "Meena".to_owned(),
            phone: Some("9876543210".parse().unwrap()),
            email: None,
            time_zone: identity::TimeZone::default(),
            language: Language::English,
            tenant: None,
            operator,
        };
        let session = SessionId::from_uuid(uuid::Uuid::from_u128(2));
        let router = self.router.clone().layer(Extension(Caller::person(SignedIn { session, person })));
        let request = Request::builder().uri("/operator/jobs?state=dead").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1_000_000).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }
}

#[tokio::test]
async fn the_list_of_jobs_is_one_statement_however_many_rest() {
    let desk = Desk::open().await;
    desk.jobs_die(1).await;
    let (one, statements_of_one) = statements(desk.list(true)).await;
    desk.jobs_die(6).await;
    let (seven, statements_of_seven) = statements(desk.list(true)).await;
    let counted = |answer: &(StatusCode, Value)| answer.1["items"].as_array().map_or(0, Vec::len);
    assert_eq!((counted(&one), counted(&seven)), (1, 7), "{}", seven.1);
    assert_eq!((statements_of_one, statements_of_seven), (1, 1));
    assert_eq!(desk.list(false).await.0, StatusCode::FORBIDDEN);
}
