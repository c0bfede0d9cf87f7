//! People's pictures of themselves: seen by those who work together, and by nobody else.

use std::io::Cursor;

use axum::http::StatusCode;
use image::{DynamicImage, ImageFormat, RgbImage};
use platform::personal::{Holder, Subject};
use platform::scan::{Scanner, Settings};
use serde_json::{Value, json};

use crate::browser::{Browser, Server};

fn picture(format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::new(300, 200)).write_to(&mut file, format).unwrap();
    file.into_inner()
}

async fn name(browser: &mut Browser) -> Value {
    browser.get("/me").await.1["picture"].clone()
}

#[tokio::test]
async fn a_picture_is_seen_by_its_person_and_their_colleagues_alone() {
    let server = Server::start().await;
    let mut owner = server.vendor("9876543210").await;
    let mut member = server.member(&mut owner, "9876543211", "viewer").await;
    let mut stranger = server.vendor("9876543212").await;
    assert!(name(&mut owner).await.is_null());
    assert_eq!(owner.send("/me/picture", picture(ImageFormat::Png)).await.0, StatusCode::NO_CONTENT);
    let called = name(&mut owner).await.as_str().unwrap().to_owned();
    assert_eq!(called.len(), 43, "256 bits");
    let path = format!("/people/pictures/{called}");
    let (status, jpeg) = owner.fetch(&path).await;
    assert_eq!((status, image::guess_format(&jpeg).unwrap()), (StatusCode::OK, ImageFormat::Jpeg));
    assert_eq!(member.fetch(&path).await.1, jpeg);
    let kept: Vec<u8> = sqlx::query_scalar("select jpeg_sealed from pictures where jpeg is null")
        .fetch_one(server.test.db.pool())
        .await
        .unwrap();
    let shown = &jpeg[jpeg.len() / 2..][..16];
    assert!(!kept.windows(shown.len()).any(|window| window == shown), "whoever has the database sees it");
    assert_eq!(stranger.fetch(&path).await.0, StatusCode::NOT_FOUND);
    assert_eq!(server.browser().fetch(&path).await.0, StatusCode::UNAUTHORIZED);
    let (_, team) = member.get("/team").await;
    assert_eq!((&team["members"][0]["picture"], team["members"][1].get("picture")), (&json!(called), None));

    assert_eq!(owner.send("/me/picture", picture(ImageFormat::Jpeg)).await.0, StatusCode::NO_CONTENT);
    assert_ne!(name(&mut owner).await, called, "another picture has another name");
    assert_eq!(owner.fetch(&path).await.0, StatusCode::NOT_FOUND);
    assert_eq!(owner.get("/me/acts").await.1["items"][0]["act"], "picture_changed");
    assert_eq!(owner.delete("/me/picture").await.0, StatusCode::NO_CONTENT);
    assert!(name(&mut owner).await.is_null());
    let kept: i64 =
        sqlx::query_scalar("select count(*) from pictures").fetch_one(server.test.db.pool()).await.unwrap();
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn what_is_no_picture_is_not_kept() {
    let server = Server::start().await;
    let mut owner = server.vendor("9876543210").await;
    for file in [Vec::new(), b"GIF89a".to_vec(), b"<svg/>".to_vec(), picture(ImageFormat::Png)[..40].to_vec()]
    {
        let (status, answer) = owner.send("/me/picture", file).await;
        assert_eq!(
            (status, &answer["type"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("/problems/no-picture"))
        );
    }
    let (status, _) = owner.send("/me/picture", vec![0xff; 5 * 1024 * 1024 + 1]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(name(&mut owner).await.is_null());
}

#[tokio::test]
async fn while_the_scanner_is_away_no_picture_is_taken() {
    let mut server = Server::start().await;
    // Nobody listens there.
    let nowhere = Settings { clamd: Some("127.0.0.1:9".to_owned()) };
    server.identity = server.identity.scanned_by(Scanner::new(&nowhere));
    let mut owner = server.vendor("9876543210").await;
    let (status, answer) = owner.send("/me/picture", picture(ImageFormat::Png)).await;
    assert_eq!(
        (status, &answer["type"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("/problems/scanner-away"))
    );
    assert!(name(&mut owner).await.is_null());
}

#[tokio::test]
async fn a_picture_comes_along_in_the_copy() {
    let server = Server::start().await;
    let mut owner = server.vendor("9876543210").await;
    owner.send("/me/picture", picture(ImageFormat::WebP)).await;
    let person = owner.person_id().await.parse().unwrap();
    let subject = Subject { person: Some(person), ..Subject::default() };
    let files = server.identity.files(&subject, 1_000_000).await.unwrap().files;
    assert_eq!(files.len(), 1);
    assert_eq!(
        (files[0].0.as_str(), image::guess_format(&files[0].1).unwrap()),
        ("picture.jpg", ImageFormat::Jpeg)
    );
}
