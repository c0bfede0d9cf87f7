//! Plans that are paid from what a gateway keeps: a year of renewals at each, banks that say no, answers that are lost.

use axum::Router;
use axum::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use emulator::razorpay::{self, Endpoint, NewMerchant, Play};
use emulator::stripe::{NewAccount, Payment};
use emulator::{ApiFault, Emulator, FaultKind, Options};
use payments::{RazorpayConfig, StripeConfig};
use serde_json::{Value, json};
use testkit::TestDb;

use crate::plans::office::{BASIC, Office};

const SECRET: &str = "webhook-secret-0001";
const GATEWAYS: [&str; 2] = ["razorpay", "stripe"];

impl Office {
    /// A vendor who pays for the basic plan by the month, and has the gateway keep what it is paid with.
    async fn subscribed(gateway: &str) -> Self {
        let office = Box::pin(Self::at(gateway)).await;
        let body = json!({
            "client_id": office.id(), "amount": {"minor": BASIC, "currency": "INR"}, "gateway": gateway, "keep_card": true,
        });
        let (status, asked) = office.call(&office.vendor, Method::POST, "/credit/top-ups", Some(&body)).await;
        assert_eq!(status, StatusCode::CREATED, "{asked}");
        office.pass(TimeDelta::zero()).await;
        let order = "select gateway_order_id from gateway_orders order by intent_id desc limit 1";
        let order: String = sqlx::query_scalar(order).fetch_one(office.test.db.pool()).await.unwrap();
        let emulator = office.emulator.as_ref().unwrap();
        if gateway == "stripe" {
            emulator.stripe().pay(&Payment::of(&order).by("pm_card_visa")).unwrap();
        } else {
            emulator.razorpay().play(&Play::order(&order).registering(razorpay::Method::Upi)).unwrap();
        }
        office.pass(TimeDelta::seconds(2)).await;
        office.choose("basic", "month").await;
        assert_eq!(office.get("/plan").await["state"], "active");
        office.due().await;
        office
    }

    async fn at(gateway: &str) -> Self {
        let test = TestDb::create().await;
        let emulator = Emulator::start(Options::repeatable(test.clock.now().timestamp(), 7)).await.unwrap();
        let merchant = NewMerchant::demo();
        let razorpay = RazorpayConfig {
            base_url: emulator.razorpay_url().to_owned(),
            key_id: merchant.key_id,
            key_secret: merchant.key_secret.into(),
            webhook_secret: SECRET.to_owned().into(),
            checkout_script_url: String::new(),
        };
        let stripe = StripeConfig {
            base_url: emulator.stripe_url().to_owned(),
            secret_key: NewAccount::demo().secret_key.into(),
            webhook_secret: SECRET.to_owned().into(),
        };
        let config = payments::Config {
            razorpay: (gateway == "razorpay").then_some(razorpay),
            stripe: (gateway == "stripe").then_some(stripe),
            public_url: "https://vyapar.test".to_owned(),
            ..payments::Config::default()
        };
        let office = Self::open_with(test, Some(emulator), config).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hook = format!("http://{}/webhooks/{gateway}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, Router::from(office.payments.routes())).into_future());
        let (emulator, endpoint) = (office.emulator.as_ref().unwrap(), Endpoint::new(&hook, SECRET));
        if gateway == "stripe" {
            emulator.stripe().set_webhooks(&NewAccount::demo().secret_key, vec![endpoint]).unwrap();
        } else {
            emulator.razorpay().set_webhooks(&NewMerchant::demo().key_id, vec![endpoint]).unwrap();
        }
        office
    }

    /// The rounds of the schedule are due from now on.
    async fn due(&self) {
        sqlx::query(
            "insert into job_schedules (name, next_run_at) values ('renew-plans', $1), ('keep-up-credit', $1)
             on conflict (name) do update set next_run_at = excluded.next_run_at",
        )
        .bind(self.now())
        .execute(self.test.db.pool())
        .await
        .unwrap();
    }

    /// Goes on until shortly after the period's end.
    async fn to_the_renewal(&self) {
        let end = self.get("/plan").await["period_end"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        self.pass(end - self.now() - TimeDelta::hours(47)).await;
        assert_eq!(self.told("noticed").await, 1);
        self.pass(TimeDelta::hours(47) + TimeDelta::minutes(2)).await;
    }

    async fn days(&self, days: u32) {
        for _ in 0..days {
            self.pass(TimeDelta::days(1)).await;
        }
    }

    /// How often the vendor was told this of the plan.
    async fn told(&self, news: &str) -> i64 {
        let told = "select count(*) from sync_events where payload->>'kind' = 'plan' and payload->'data'->>'news' = $1";
        sqlx::query_scalar(told).bind(news).fetch_one(self.test.db.pool()).await.unwrap()
    }

    async fn count(&self, what: &str) -> i64 {
        let count = format!("select count(*) from {what}");
        sqlx::query_scalar(sqlx::AssertSqlSafe(count)).fetch_one(self.test.db.pool()).await.unwrap()
    }

    fn banks_refuse(&self, reason: Option<&str>) {
        let (razorpay, key) = (self.emulator.as_ref().unwrap().razorpay(), NewMerchant::demo().key_id);
        let settings = razorpay.settings(&key).unwrap();
        let mandate_debits_fail = reason.map(str::to_owned);
        razorpay.set_settings(&key, razorpay::Settings { mandate_debits_fail, ..settings }).unwrap();
    }
}

fn charge(plan: &Value) -> (String, String, i64) {
    let text = |name: &str| plan["charge"][name].as_str().unwrap_or_default().to_owned();
    (text("state"), text("from"), plan["charge"]["amount"]["minor"].as_i64().unwrap_or_default())
}

async fn lives_a_year(gateway: &str) {
    let office = Box::pin(Office::subscribed(gateway)).await;
    office.days(367).await;
    let invoices = office.invoices().await;
    assert_eq!(invoices.len(), 13, "{gateway}: {invoices:?}");
    assert!(
        invoices.iter().skip(1).all(|invoice| *invoice == format!("renewal paid {BASIC}")),
        "{invoices:?}"
    );
    let plan = office.get("/plan").await;
    assert_eq!((&plan["state"], &plan["paid_credit"]["minor"]), (&json!("active"), &json!(0)), "{gateway}");
    assert_eq!(office.count("payments").await, 13, "{gateway}: the first, and one a renewal");
    assert_eq!(office.count("credit_top_ups where invoice_id is not null and paid_at is not null").await, 12);
    assert_eq!(office.told("noticed").await, 12, "{gateway}");
    assert_eq!(office.told("ended").await, 0);
    let sooner =
        "credit_top_ups t join plan_invoices i on i.id = t.invoice_id where t.created_at < i.period_start";
    assert_eq!(office.count(sooner).await, 0, "{gateway}: nothing is taken before its period");
    office.check_books().await;
}

#[tokio::test]
async fn a_year_is_paid_from_a_mandate_month_by_month() {
    Box::pin(lives_a_year("razorpay")).await;
}

#[tokio::test]
async fn a_year_is_paid_from_a_card_month_by_month() {
    Box::pin(lives_a_year("stripe")).await;
}

#[tokio::test]
async fn the_vendor_has_notice_of_what_is_taken_sees_it_taken_and_keeps_the_plan_meanwhile() {
    let office = Box::pin(Office::subscribed("razorpay")).await;
    let ahead = office.get("/plan").await;
    assert_eq!(charge(&ahead), ("planned".to_owned(), "success@razorpay".to_owned(), BASIC));
    assert_eq!(ahead["charge"]["at"], ahead["period_end"]);
    office.to_the_renewal().await;
    let taken = office.get("/plan").await;
    assert_eq!(charge(&taken), ("under_way".to_owned(), "success@razorpay".to_owned(), BASIC));
    assert_eq!((&taken["state"], &taken["plan"]["code"]), (&json!("charging"), &json!("basic")));
    office.days(2).await;
    assert_eq!(office.get("/plan").await["state"], "active");
}

#[tokio::test]
async fn only_what_credit_does_not_cover_is_taken() {
    for gateway in GATEWAYS {
        let office = Box::pin(Office::subscribed(gateway)).await;
        office.pay_in(100_00).await;
        office.to_the_renewal().await;
        office.days(2).await;
        let charged = "select amount_minor from credit_top_ups where invoice_id is not null";
        let charged: Vec<i64> = sqlx::query_scalar(charged).fetch_all(office.test.db.pool()).await.unwrap();
        assert_eq!(charged, [BASIC - 100_00], "{gateway}");
        assert_eq!((&office.get("/plan").await["state"], office.paid_credit().await), (&json!("active"), 0));
    }
}

#[tokio::test]
async fn a_bank_that_says_no_is_asked_again_while_the_grace_lasts() {
    let office = Box::pin(Office::subscribed("razorpay")).await;
    office.banks_refuse(Some("insufficient_funds"));
    office.to_the_renewal().await;
    office.days(2).await;
    let refused = office.get("/plan").await;
    assert_eq!((&refused["state"], charge(&refused).0), (&json!("past_due"), "failed".to_owned()));
    office.banks_refuse(None);
    office.days(3).await;
    assert_eq!(office.get("/plan").await["state"], "active");
    assert_eq!(office.count("payments").await, 2);
}

#[tokio::test]
async fn a_bank_that_always_says_no_ends_the_plan_with_the_grace() {
    let office = Box::pin(Office::subscribed("razorpay")).await;
    office.banks_refuse(Some("insufficient_funds"));
    office.to_the_renewal().await;
    office.days(8).await;
    let plan = office.get("/plan").await;
    assert_eq!((&plan["state"], &plan["charge"]), (&json!("free"), &Value::Null));
    assert_eq!(office.count("payments").await, 1);
    assert_eq!(office.told("ended").await, 1);
}

#[tokio::test]
async fn a_lost_answer_takes_nothing_twice() {
    for (gateway, path) in [("razorpay", "/v1/payments/create/recurring"), ("stripe", "/v1/payment_intents")]
    {
        let office = Box::pin(Office::subscribed(gateway)).await;
        let lost = FaultKind::Status { status: 504, retry_after_s: None };
        let lost = ApiFault::next_call(lost).on("POST", path).after_the_effect();
        let emulator = office.emulator.as_ref().unwrap();
        match gateway {
            "stripe" => emulator.stripe().add_fault(lost).unwrap(),
            _ => emulator.razorpay().add_fault(lost).unwrap(),
        }
        office.to_the_renewal().await;
        office.days(4).await;
        assert_eq!(office.get("/plan").await["state"], "active", "{gateway}");
        assert_eq!((office.count("payments").await, office.paid_credit().await), (2, 0), "{gateway}");
        office.check_books().await;
    }
}

#[tokio::test]
async fn whoever_cancels_after_the_notice_is_charged_nothing() {
    let office = Box::pin(Office::subscribed("stripe")).await;
    let end = office.get("/plan").await["period_end"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    office.pass(end - office.now() - TimeDelta::hours(40)).await;
    office.cancel(true).await;
    office.pass(TimeDelta::hours(41)).await;
    assert_eq!((&office.get("/plan").await["state"], office.count("payments").await), (&json!("free"), 1));
}
