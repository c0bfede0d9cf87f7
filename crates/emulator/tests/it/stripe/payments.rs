use emulator::stripe::Authentication;
use reqwest::Method;
use serde_json::json;

use super::store::{Store, answer};
use crate::shop::text;

#[tokio::test]
async fn a_payment_takes_money_and_books_it_with_its_fee() {
    let store = Store::open().await;
    let intent = store.paid("pm_card_visa").await;
    assert_eq!(intent["amount_received"], 75_000);
    let path = format!(
        "/v1/payment_intents/{}?expand[]=latest_charge.balance_transaction&expand[]=payment_method",
        text(&intent["id"])
    );
    let expanded = store.get(&path).await;
    let booked = &expanded["latest_charge"]["balance_transaction"];
    assert_eq!(
        (&booked["fee"], &booked["net"], &booked["status"]),
        (&json!(2_205), &json!(72_795), &json!("pending"))
    );
    assert_eq!(expanded["payment_method"]["card"]["last4"], "4242");
    assert_eq!(
        store.events().await,
        ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    );
}

#[tokio::test]
async fn a_payment_is_booked_a_little_later_unless_the_merchant_asks_otherwise() {
    let store = Store::open().await;
    let (_, intent) = store.pay_with("pm_card_visa", &[("capture_method", "automatic_async")]).await;
    let path = format!("/v1/charges/{}", text(&intent["latest_charge"]));
    let charge = store.get(&path).await;
    assert_eq!((&charge["captured"], &charge["balance_transaction"]), (&json!(true), &json!(null)));
    store.advance_s(1).await;
    assert!(text(&store.get(&path).await["balance_transaction"]).starts_with("txn_"));
    let told = store.get("/v1/events?type=charge.updated").await;
    assert_eq!(told["data"][0]["data"]["previous_attributes"], json!({ "balance_transaction": null }));
}

#[tokio::test]
async fn each_declined_card_is_refused_in_its_banks_words_and_may_be_tried_again() {
    let store = Store::open().await;
    for (card, code, decline_code) in [
        ("pm_card_visa_chargeDeclined", "card_declined", json!("generic_decline")),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", json!("insufficient_funds")),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", json!(null)),
    ] {
        let (status, refused) = store.pay_with(card, &[]).await;
        let error = &refused["error"];
        assert_eq!((status, &error["type"], &error["code"]), (402, &json!("card_error"), &json!(code)));
        assert_eq!(error["decline_code"], decline_code, "{card}");
        let id = text(&error["payment_intent"]["id"]);
        assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
        assert_eq!(error["payment_intent"]["last_payment_error"]["charge"], error["charge"]);
        let path = format!("/v1/payment_intents/{id}/confirm");
        let paid = store.make(&path, &[("payment_method", "pm_card_visa")]).await;
        assert_eq!((&paid["status"], &paid["last_payment_error"]), (&json!("succeeded"), &json!(null)));
    }
}

#[tokio::test]
async fn a_bank_that_wants_to_see_its_customer_is_answered_yes_or_no() {
    let store = Store::open().await;
    for (approve, status) in [(true, "succeeded"), (false, "requires_payment_method")] {
        let back = [("return_url", "https://shop.example/back")];
        let (_, intent) = store.pay_with("pm_card_authenticationRequired", &back).await;
        assert_eq!(intent["status"], "requires_action");
        assert_eq!(intent["next_action"]["redirect_to_url"]["return_url"], "https://shop.example/back");
        let answer = Authentication { payment_intent: text(&intent["id"]), approve };
        let ended = store.stripe().authenticate(&answer).unwrap();
        assert_eq!(ended["status"], status);
        assert!(store.stripe().authenticate(&answer).is_err(), "a bank is answered once");
        if !approve {
            assert_eq!(ended["last_payment_error"]["code"], "payment_intent_authentication_failure");
        }
    }
}

#[tokio::test]
async fn a_bank_may_approve_its_customer_and_still_decline() {
    let store = Store::open().await;
    let card = "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds";
    let (_, intent) = store.pay_with(card, &[]).await;
    assert_eq!(
        intent["next_action"]["type"], "use_stripe_sdk",
        "without a return_url the vendor's script leads"
    );
    let approved = Authentication { payment_intent: text(&intent["id"]), approve: true };
    let ended = store.stripe().authenticate(&approved).unwrap();
    assert_eq!(ended["last_payment_error"]["decline_code"], "insufficient_funds");
}

#[tokio::test]
async fn a_payment_without_its_customer_there_cannot_be_authenticated() {
    let store = Store::open().await;
    let (status, refused) =
        store.pay_with("pm_card_authenticationRequired", &[("off_session", "true")]).await;
    assert_eq!((status, &refused["error"]["code"]), (402, &json!("authentication_required")));
    let (status, _) = store.pay_with("pm_card_threeDSecure2Required", &[("off_session", "true")]).await;
    assert_eq!(status, 200, "this card wants to see its customer only where he is");
}

#[tokio::test]
async fn an_authorised_amount_is_captured_in_part_and_the_rest_let_go() {
    let store = Store::open().await;
    let (_, held) = store.pay_with("pm_card_visa", &[("capture_method", "manual")]).await;
    assert_eq!((&held["status"], &held["amount_capturable"]), (&json!("requires_capture"), &json!(75_000)));
    let path = format!("/v1/payment_intents/{}/capture", text(&held["id"]));
    let (status, _) = store.post(&path, &[("amount_to_capture", "75001")]).await;
    assert_eq!(status, 400);
    let captured = store.make(&path, &[("amount_to_capture", "50000")]).await;
    assert_eq!((&captured["status"], &captured["amount_received"]), (&json!("succeeded"), &json!(50_000)));
    let charge = store.get(&format!("/v1/charges/{}", text(&held["latest_charge"]))).await;
    assert_eq!((&charge["amount_captured"], &charge["amount_refunded"]), (&json!(50_000), &json!(25_000)));
    let (status, again) = store.post(&path, &[]).await;
    assert_eq!((status, &again["error"]["code"]), (400, &json!("payment_intent_unexpected_state")));
}

#[tokio::test]
async fn an_amount_that_nobody_captures_is_let_go_after_a_week() {
    let store = Store::open().await;
    let (_, held) = store.pay_with("pm_card_visa", &[("capture_method", "manual")]).await;
    let path = format!("/v1/payment_intents/{}", text(&held["id"]));
    store.advance_s(7 * 86_400 - 1).await;
    assert_eq!(store.get(&path).await["status"], "requires_capture");
    store.advance_s(1).await;
    let gone = store.get(&path).await;
    assert_eq!((&gone["status"], &gone["cancellation_reason"]), (&json!("canceled"), &json!("automatic")));
    assert_eq!(store.events().await[3..], ["charge.expired", "payment_intent.canceled"]);
}

#[tokio::test]
async fn a_payment_method_is_used_once_unless_a_customer_keeps_it() {
    let store = Store::open().await;
    let made = store.make("/v1/payment_methods", &[("type", "card"), ("card[token]", "tok_visa")]).await;
    let method = text(&made["id"]);
    assert_eq!(store.pay_with(&method, &[]).await.0, 200);
    assert_eq!(store.pay_with(&method, &[]).await.0, 400);
    let customer = text(&store.make("/v1/customers", &[("email", "asha@example.com")]).await["id"]);
    let kept = store.make("/v1/payment_methods/pm_card_visa/attach", &[("customer", &customer)]).await;
    let kept = text(&kept["id"]);
    assert_eq!(store.pay_with(&kept, &[]).await.0, 400, "it is the customer's");
    for _ in 0..2 {
        assert_eq!(store.pay_with(&kept, &[("customer", &customer)]).await.0, 200);
    }
    let listed = store.get(&format!("/v1/customers/{customer}/payment_methods")).await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn wrong_requests_are_refused_by_parameter() {
    let store = Store::open().await;
    for (params, code, param) in [
        (vec![("currency", "inr")], json!("parameter_missing"), "amount"),
        (vec![("amount", "49"), ("currency", "inr")], json!("amount_too_small"), "amount"),
        (vec![("amount", "7.5"), ("currency", "inr")], json!("parameter_invalid_integer"), "amount"),
        (vec![("amount", "500"), ("currency", "xyz")], json!(null), "currency"),
        (
            vec![("amount", "500"), ("currency", "inr"), ("colour", "red")],
            json!("parameter_unknown"),
            "colour",
        ),
        (
            vec![("amount", "500"), ("currency", "inr"), ("customer", "cus_nobody")],
            json!("resource_missing"),
            "customer",
        ),
    ] {
        let (status, refused) = store.post("/v1/payment_intents", &params).await;
        assert_eq!(status, 400, "{refused}");
        assert_eq!((&refused["error"]["code"], &refused["error"]["param"]), (&code, &json!(param)));
        assert_eq!(refused["error"]["type"], "invalid_request_error");
    }
    assert_eq!(store.events().await, [""; 0], "nothing happened");
}

#[tokio::test]
async fn methods_of_the_dashboard_need_a_page_to_return_to() {
    let store = Store::open().await;
    let params =
        [("amount", "500"), ("currency", "usd"), ("payment_method", "pm_card_visa"), ("confirm", "true")];
    let (status, refused) = store.post("/v1/payment_intents", &params).await;
    assert_eq!(status, 400);
    assert!(text(&refused["error"]["message"]).contains("you must provide a `return_url`"));
    let back = [params.as_slice(), &[("return_url", "https://shop.example/back")]].concat();
    assert_eq!(store.make("/v1/payment_intents", &back).await["status"], "succeeded");
}

#[tokio::test]
async fn a_caller_without_a_key_or_with_a_wrong_one_is_refused() {
    let store = Store::open().await;
    let request = |auth: Option<&str>| {
        let url = format!("{}/v1/customers", store.emulator.stripe_url());
        let request = crate::shop::http().get(url);
        auth.map_or(request.try_clone().unwrap(), |value| request.header("Authorization", value))
    };
    for auth in [None, Some("Bearer sk_test_nobody"), Some("Basic bm9ib2R5Og=="), Some("nonsense")] {
        let (status, refused) = answer(request(auth)).await;
        assert_eq!((status, &refused["error"]["type"]), (401, &json!("invalid_request_error")), "{auth:?}");
    }
    let basic = crate::shop::http()
        .get(format!("{}/v1/customers", store.emulator.stripe_url()))
        .basic_auth(&store.key, None::<&str>);
    assert_eq!(answer(basic).await.0, 200);
}

#[tokio::test]
async fn what_is_not_emulated_is_an_unknown_path() {
    let store = Store::open().await;
    for (method, path) in [(Method::GET, "/v1/coupons"), (Method::DELETE, "/v1/charges")] {
        let (status, refused) = answer(store.request(method, path)).await;
        assert_eq!(status, 404);
        assert!(text(&refused["error"]["message"]).starts_with("Unrecognized request URL ("));
    }
}

#[tokio::test]
async fn lists_are_paged_newest_first() {
    let store = Store::open().await;
    for _ in 0..3 {
        store.paid("pm_card_visa").await;
        store.advance_s(1).await;
    }
    let first = store.get("/v1/payment_intents?limit=2").await;
    assert_eq!((&first["object"], &first["has_more"]), (&json!("list"), &json!(true)));
    let last = text(&first["data"][1]["id"]);
    let rest = store.get(&format!("/v1/payment_intents?limit=2&starting_after={last}")).await;
    assert_eq!((rest["data"].as_array().unwrap().len(), &rest["has_more"]), (1, &json!(false)));
}
