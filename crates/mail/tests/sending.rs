//! Letters to a real server.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing to unwrap has failed")]

use chrono::DateTime;
use mail::{Config, Letter, Mailer, NotSent};
use testkit::Mailbox;

fn mailer(server: String) -> Mailer {
    let from = Some("VyaparMitra <no-reply@stall.example>".to_owned());
    Mailer::new(&Config { server: Some(server.into()), from }).unwrap().unwrap()
}

fn letter<'a>(to: &'a str, text: &'a str) -> Letter<'a> {
    let at = DateTime::UNIX_EPOCH;
    Letter { id: "1f-2e", to, subject: "உங்கள் கணக்கு", text, at }
}

#[tokio::test]
async fn a_letter_arrives_as_it_was_written_in_any_script() {
    let mailbox = Mailbox::open();
    let text = format!("வணக்கம்,\n\nhttps://stall.example/v/link#{}\n\n.\n—\n", "x".repeat(200));
    mailer(mailbox.url()).send(letter("meena@example.com", &text)).await.unwrap();
    let got = mailbox.next().await;
    assert_eq!(got.to, ["meena@example.com"]);
    assert_eq!(
        (got.subject.as_str(), got.text.replace("\r\n", "\n").trim_end()),
        ("உங்கள் கணக்கு", text.trim_end())
    );
    for header in
        ["Message-ID: <1f-2e@stall.example>", "Auto-Submitted: auto-generated", "Date: Thu, 01 Jan 1970"]
    {
        assert!(got.source.contains(header), "{header} in {}", got.source);
    }
}

#[tokio::test]
async fn what_a_server_refuses_for_good_is_told_apart_from_what_it_may_take_later() {
    let mailbox = Mailbox::open();
    let mailer = mailer(mailbox.url());
    mailbox.refuse(450);
    assert_eq!(mailer.send(letter("meena@example.com", "a")).await, Err(NotSent::Later(450)));
    mailbox.refuse(550);
    assert_eq!(mailer.send(letter("meena@example.com", "a")).await, Err(NotSent::Refused(550)));
    mailbox.accept();
    assert_eq!(mailer.send(letter("meena@example.com", "a")).await, Ok(()));
    let nobody = mailer.send(letter("a@example.com\r\nBcc: b@example.com", "a")).await;
    assert_eq!(nobody, Err(NotSent::Address));
    assert_eq!(mailbox.next().await.text.trim(), "a");
    assert!(mailbox.is_empty());
}

#[tokio::test]
async fn nothing_goes_to_a_server_without_the_tls_that_is_asked_for() {
    let mailbox = Mailbox::open();
    for server in [mailbox.url() + "?tls=required", mailbox.url().replace("smtp:", "smtps:")] {
        let refused = mailer(server).send(letter("meena@example.com", "a")).await;
        assert!(matches!(refused, Err(NotSent::Unreachable(_))), "{refused:?}");
    }
    assert!(mailbox.is_empty());
}
