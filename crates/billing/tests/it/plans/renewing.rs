//! Years of renewals in seconds.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::json;

use crate::plans::office::{BASIC, Office, PRO};

#[tokio::test]
async fn three_years_from_the_thirty_first_are_thirty_six_months_each_paid_once() {
    let office = Office::open().await;
    office.go_to("2027-01-31T06:30:00Z");
    office.pay_in(20_000_00).await;
    office.choose("basic", "month").await;
    let mut ends = Vec::new();
    for _ in 0..(3 * 366 / 6) {
        office.later(TimeDelta::days(6)).await;
        let end = office.get("/plan").await["period_end"].as_str().unwrap()[..10].to_owned();
        if ends.last() != Some(&end) {
            ends.push(end);
        }
    }
    assert_eq!(&ends[..4], ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]);
    assert!(ends.contains(&"2028-02-29".to_owned()));
    // From the first on, each month one.
    let invoices = office.invoices().await;
    assert_eq!(invoices.len(), 37);
    assert!(invoices.iter().skip(1).all(|invoice| *invoice == format!("renewal paid {BASIC}")));
    assert_eq!(office.paid_credit().await, 20_000_00 - 37 * BASIC);
    let taken = office.balance("platform:subscriptions").await + office.balance("tax:output").await;
    assert_eq!(taken, 37 * BASIC);
    // Numbers are consecutive in each financial year.
    let listed = office.get("/plan/invoices?limit=100").await;
    let numbers =
        listed["items"].as_array().unwrap().iter().rev().map(|i| i["number"].as_str().unwrap().to_owned());
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    for number in numbers {
        let (series, last) = number.rsplit_once('/').unwrap();
        let next = expected.entry(series.to_owned()).or_default();
        *next += 1;
        assert_eq!(last.parse::<usize>().unwrap(), *next, "{number}");
    }
    assert_eq!(
        expected.into_keys().collect::<Vec<_>>(),
        ["SUB/26-27", "SUB/27-28", "SUB/28-29", "SUB/29-30"]
    );
    office.check_books().await;
}

#[tokio::test]
async fn a_server_that_was_off_for_three_years_asks_for_each_month_once() {
    let office = Office::open().await;
    office.go_to("2027-01-31T06:30:00Z");
    office.pay_in(20_000_00).await;
    office.choose("basic", "month").await;
    office.go_to("2030-01-30T06:30:00Z");
    tokio::join!(office.run(), office.run());
    assert_eq!(office.invoices().await.len(), 36);
    assert_eq!(office.paid_credit().await, 20_000_00 - 36 * BASIC);
    office.check_books().await;
}

#[tokio::test]
async fn a_leap_day_s_year_ends_on_the_twenty_eighth() {
    let office = Office::open().await;
    office.go_to("2028-02-29T06:30:00Z");
    office.pay_in(50_000_00).await;
    let first = office.choose("pro", "year").await;
    assert_eq!(first["period_end"], "2029-02-28T06:30:00Z");
    assert_eq!(office.get("/credit").await["granted"]["minor"], 12 * 200_00);
    office.go_to("2032-02-28T06:30:00Z");
    office.run().await;
    assert_eq!(office.get("/plan").await["period_end"], "2032-02-29T06:30:00Z");
    assert_eq!(office.paid_credit().await, 50_000_00 - 4 * PRO * 10);
}

#[tokio::test]
async fn a_clock_that_goes_back_charges_nothing_twice_and_gives_nothing_away() {
    let office = Office::open().await;
    office.go_to("2027-04-01T06:30:00Z");
    office.pay_in(10_000_00).await;
    office.choose("basic", "month").await;
    office.go_to("2027-05-01T06:30:00Z");
    office.run().await;
    let paid = office.paid_credit().await;
    assert_eq!(paid, 10_000_00 - 2 * BASIC);
    office.go_to("2027-04-20T06:30:00Z");
    office.run().await;
    assert_eq!(office.paid_credit().await, paid);
    // Before the period that is paid began, all of it is unused, and all of it is charged anew.
    let quote = office.quote("pro", "month").await;
    assert_eq!((&quote["unused"]["minor"], &quote["due"]["minor"]), (&json!(BASIC), &json!(PRO - BASIC)));
    office.choose("pro", "month").await;
    office.go_to("2027-05-01T06:30:00Z");
    office.run().await;
    assert_eq!(office.invoices().await.len(), 3);
    office.go_to("2027-06-01T06:30:00Z");
    office.run().await;
    assert_eq!(office.invoices().await.last().unwrap(), &format!("renewal paid {PRO}"));
    office.check_books().await;
}

#[tokio::test]
async fn a_trial_is_free_once_and_becomes_a_paid_month() {
    let office = Office::open().await;
    office.go_to("2027-01-17T06:30:00Z");
    office.plan("gold", 500_00, 0, 300, 14).await;
    let trial = office.choose("gold", "month").await;
    assert_eq!((&trial["state"], &trial["period_end"]), (&json!("trialing"), &json!("2027-01-31T06:30:00Z")));
    assert_eq!(
        (&trial["can_try"], &trial["next_charge"]["amount"]["minor"]),
        (&json!(false), &json!(500_00))
    );
    office.pay_in(1_500_00).await;
    assert_eq!(office.paid_credit().await, 1_500_00);
    office.later(TimeDelta::days(14)).await;
    let paid = office.get("/plan").await;
    assert_eq!((&paid["state"], &paid["period_end"]), (&json!("active"), &json!("2027-02-28T06:30:00Z")));
    office.go_to("2027-02-28T06:30:00Z");
    office.run().await;
    assert_eq!(office.get("/plan").await["period_end"], "2027-03-31T06:30:00Z");
    office.cancel(true).await;
    office.go_to("2027-03-31T06:30:00Z");
    office.run().await;
    assert_eq!(office.get("/plan").await["state"], "free");
    // The second time it is paid from the first day on.
    let again = office.choose("gold", "month").await;
    assert_eq!((&again["state"], office.paid_credit().await), (&json!("active"), 0));
}

#[tokio::test]
async fn a_cancelled_plan_runs_to_its_end_and_can_be_resumed_until_then() {
    let office = Office::open().await;
    office.go_to("2027-04-01T06:30:00Z");
    office.pay_in(10_000_00).await;
    office.choose("basic", "month").await;
    let cancelled = office.cancel(true).await;
    assert_eq!((&cancelled["cancels_at_end"], &cancelled["next_charge"]), (&json!(true), &json!(null)));
    assert_eq!(office.cancel(false).await["cancels_at_end"], false);
    office.later(TimeDelta::days(30)).await;
    assert_eq!(office.get("/plan").await["state"], "active");
    office.cancel(true).await;
    office.later(TimeDelta::days(31)).await;
    assert_eq!(office.get("/plan").await["state"], "free");
    office.later(TimeDelta::days(400)).await;
    assert_eq!(office.invoices().await.len(), 2);
}
