//! The pay pages as a browser without scripts uses them: it reads a form and posts it.

use emulator::razorpay::Endpoint;
use reqwest::Url;
use serde_json::{Value, json};

use crate::shop::{Receiver, Shop, answer, http, text};

const CALLBACK: &str = "https://shop.example/paid?cart=1&x=<b>";

/// What a form would send, read from the page.
struct Form {
    action: Option<String>,
    fields: Vec<(String, String)>,
    buttons: Vec<String>,
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = &tag[start..start + tag[start..].find('"')?];
    Some(value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}

fn tags<'page>(page: &'page str, name: &str) -> Vec<&'page str> {
    let opening = format!("<{name}");
    page.match_indices(&opening)
        .map(|(at, _)| &page[at..])
        .filter(|rest| !rest[opening.len()..].starts_with(char::is_alphanumeric))
        .map(|rest| &rest[..=rest.find('>').unwrap()])
        .collect()
}

fn form(page: &str) -> Form {
    let opening = tags(page, "form").into_iter().next().expect("the page has a form");
    assert_eq!(attribute(opening, "method").as_deref(), Some("post"));
    let inputs = tags(page, "input").into_iter();
    Form {
        action: attribute(opening, "action"),
        fields: inputs
            .filter(|tag| attribute(tag, "type").as_deref() == Some("hidden"))
            .map(|tag| (attribute(tag, "name").unwrap(), attribute(tag, "value").unwrap()))
            .collect(),
        buttons: tags(page, "button").into_iter().filter_map(|tag| attribute(tag, "value")).collect(),
    }
}

async fn open(url: &Url) -> (u16, String) {
    let response = http().get(url.clone()).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn press(url: &Url, fields: &[(&str, &str)]) -> (u16, String) {
    let body = Url::parse_with_params("http://x/", fields).unwrap();
    let request = http().post(url.clone()).header("Content-Type", "application/x-www-form-urlencoded");
    let response = request.body(body.query().unwrap_or_default().to_owned()).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

fn page_of(shop: &Shop, path: &str, options: &[(&str, &str)]) -> Url {
    let url = format!("{}{path}", shop.emulator.razorpay_url());
    if options.is_empty() {
        Url::parse(&url).unwrap()
    } else {
        Url::parse_with_params(&url, options).unwrap()
    }
}

#[tokio::test]
async fn an_order_is_paid_without_scripts_and_handed_to_the_callback() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let page = page_of(&shop, &format!("/pay/order/{order}"), &[("callback_url", CALLBACK)]);
    let (status, shown) = open(&page).await;
    assert_eq!(status, 200);
    assert!(shown.contains("₹750.00"));
    assert_eq!(form(&shown).buttons, ["pay", "fail", "late", "cancel"]);
    let (_, ended) = press(&page, &[("action", "pay")]).await;
    let handed = form(&ended);
    assert_eq!(handed.action.as_deref(), Some(CALLBACK));
    assert!(!ended.contains("x=<b>"));
    let field = |name: &str| handed.fields.iter().find(|(key, _)| key == name).unwrap().1.clone();
    assert_eq!(field("razorpay_order_id"), order);
    let payment = shop.get(&format!("/v1/payments/{}", field("razorpay_payment_id"))).await;
    assert_eq!(payment["status"], "captured");
    assert_eq!(field("razorpay_signature").len(), 64);
    assert_eq!(handed.fields.len(), 3);
}

#[tokio::test]
async fn a_failure_is_handed_to_the_callback_in_the_vendors_fields() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let page = page_of(&shop, &format!("/pay/order/{order}"), &[("callback_url", CALLBACK)]);
    let (_, ended) = press(&page, &[("action", "fail")]).await;
    let fields = form(&ended).fields;
    let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    let wanted =
        ["code", "description", "source", "step", "reason", "metadata"].map(|name| format!("error[{name}]"));
    assert_eq!(names, wanted);
    let metadata: Value = serde_json::from_str(&fields[5].1).unwrap();
    assert_eq!(metadata["order_id"], json!(order));
}

#[tokio::test]
async fn without_a_callback_a_failed_order_can_be_tried_again_on_the_same_page() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let page = page_of(&shop, &format!("/pay/order/{order}"), &[]);
    let (_, failed) = press(&page, &[("action", "fail")]).await;
    assert!(form(&failed).buttons.contains(&"pay".to_owned()));
    let (_, paid) = press(&page, &[("action", "pay")]).await;
    assert!(paid.contains("Payment successful"));
    let (status, again) = press(&page, &[("action", "pay")]).await;
    assert_eq!(status, 409);
    assert!(again.contains("already paid"));
    assert!(open(&page).await.1.contains("This order is already paid."));
}

#[tokio::test]
async fn pay_late_fails_and_pays_half_a_minute_later() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let page = page_of(&shop, &format!("/pay/order/{order}"), &[]);
    let (_, late) = press(&page, &[("action", "late")]).await;
    assert!(late.contains("Payment failed"));
    shop.advance_s(30).await;
    assert_eq!(shop.get(&format!("/v1/orders/{order}")).await["status"], "paid");
}

#[tokio::test]
async fn cancelling_goes_to_the_cancel_url_and_attempts_nothing() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let back = "https://shop.example/cart";
    let page = page_of(&shop, &format!("/pay/order/{order}"), &[("cancel_url", back)]);
    let body = "action=cancel";
    let request = http().post(page).header("Content-Type", "application/x-www-form-urlencoded").body(body);
    let response = request.send().await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["location"]), (303, &back.parse().unwrap()));
    assert_eq!(shop.get(&format!("/v1/orders/{order}")).await["attempts"], 0);
}

#[tokio::test]
async fn the_hosted_checkout_opens_for_the_key_that_owns_the_order() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let hosted = page_of(&shop, "/v1/checkout/embedded", &[]);
    let fields =
        |key: &'static str| [("key_id", key), ("order_id", order.as_str()), ("callback_url", CALLBACK)];
    let body = Url::parse_with_params("http://x/", fields("rzp_test_emulator00001")).unwrap();
    let request = http().post(hosted.clone()).header("Content-Type", "application/x-www-form-urlencoded");
    let response = request.body(body.query().unwrap().to_owned()).send().await.unwrap();
    let location = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    assert_eq!(location.path(), format!("/pay/order/{order}"));
    assert_eq!(open(&location).await.0, 200);
    assert_eq!(press(&hosted, &fields("rzp_test_somebody")).await.0, 404);
    let foreign = page_of(&shop, &format!("/pay/order/{order}"), &[("key", "rzp_test_somebody")]);
    assert_eq!(open(&foreign).await.0, 404);
}

#[tokio::test]
async fn a_qr_code_is_paid_from_its_page_and_drawn_as_a_picture() {
    let shop = Shop::open().await;
    let qr = shop.qr().await;
    let page = page_of(&shop, &format!("/pay/qr/{qr}"), &[]);
    let (_, shown) = open(&page).await;
    assert_eq!(form(&shown).buttons, ["pay", "fail", "late"]);
    let picture = page.join(&attribute(tags(&shown, "img")[0], "src").unwrap()).unwrap();
    assert!(open(&picture).await.1.contains("<svg"));
    press(&page, &[("action", "pay")]).await;
    assert_eq!(shop.get(&format!("/v1/payments/qr_codes/{qr}")).await["payments_amount_received"], 75_000);
    assert!(open(&page).await.1.contains("This QR code is closed."));
}

#[tokio::test]
async fn a_payer_chooses_the_amount_where_the_qr_code_fixes_none() {
    let shop = Shop::open().await;
    let (_, qr) =
        shop.post("/v1/payments/qr_codes", json!({ "type": "upi_qr", "usage": "multiple_use" })).await;
    let page = page_of(&shop, &format!("/pay/qr/{}", text(&qr["id"])), &[]);
    assert!(open(&page).await.1.contains("<label for=\"rupees\">"));
    for (rupees, status) in [("12.50", 200), ("0", 409), ("-1", 409), ("", 409), ("lots", 409)] {
        assert_eq!(press(&page, &[("action", "pay"), ("rupees", rupees)]).await.0, status, "{rupees}");
    }
    let shown = shop.get(&format!("/v1/payments/qr_codes/{}", text(&qr["id"]))).await;
    assert_eq!(shown["payments_amount_received"], 1_250);
}

#[tokio::test]
async fn what_a_merchant_wrote_is_text_on_the_page() {
    let shop = Shop::open().await;
    let hostile = "<script>alert(1)</script>";
    let order = shop.order_with(json!({ "receipt": hostile })).await;
    let (_, shown) = open(&page_of(&shop, &format!("/pay/order/{order}"), &[])).await;
    assert!(!shown.contains(hostile) && shown.contains("&lt;script&gt;"));
    let scripted = page_of(&shop, &format!("/pay/order/{order}"), &[("callback_url", "javascript:alert(1)")]);
    assert!(!press(&scripted, &[("action", "pay")]).await.1.contains("javascript:"));
}

#[tokio::test]
async fn pages_run_no_foreign_scripts_and_have_one_heading_and_a_language() {
    let shop = Shop::open().await;
    let (order, qr) = (shop.order().await, shop.qr().await);
    for path in
        ["/".to_owned(), format!("/pay/order/{order}"), format!("/pay/qr/{qr}"), "/pay/order/none".to_owned()]
    {
        let response = http().get(page_of(&shop, &path, &[])).send().await.unwrap();
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        let page = response.text().await.unwrap();
        assert!(page.contains("<html lang=\"en\">") && page.contains("<title>"), "{path}");
        assert_eq!(page.matches("<h1").count(), 1, "{path}");
    }
}

#[tokio::test]
async fn the_index_lists_what_can_be_paid_and_its_links_lead_there() {
    let shop = Shop::open().await;
    let (order, qr) = (shop.order().await, shop.qr().await);
    let index = page_of(&shop, "/", &[]);
    let (_, shown) = open(&index).await;
    let links: Vec<String> = tags(&shown, "a").into_iter().filter_map(|tag| attribute(tag, "href")).collect();
    assert_eq!(links, [format!("pay/qr/{qr}"), format!("pay/order/{order}")]);
    for link in links {
        assert_eq!(open(&index.join(&link).unwrap()).await.0, 200);
    }
}

#[tokio::test]
async fn scripts_and_styles_are_served_where_the_pages_look_for_them() {
    let shop = Shop::open().await;
    let page = page_of(&shop, &format!("/pay/order/{}", shop.order().await), &[]);
    let (_, shown) = open(&page).await;
    let script = attribute(tags(&shown, "script")[0], "src").unwrap();
    let style = attribute(tags(&shown, "link")[0], "href").unwrap();
    for asset in
        [page.join(&script).unwrap(), page.join(&style).unwrap(), page_of(&shop, "/v1/checkout.js", &[])]
    {
        assert_eq!(open(&asset).await.0, 200, "{asset}");
    }
}

#[tokio::test]
async fn a_payment_made_on_the_page_is_told_by_webhook() {
    let (shop, receiver) = (Shop::open().await, Receiver::open().await);
    shop.emulator.razorpay().set_webhooks(&shop.key_id, vec![Endpoint::new(&receiver.url, "s")]).unwrap();
    let order = shop.order().await;
    press(&page_of(&shop, &format!("/pay/order/{order}"), &[]), &[("action", "pay")]).await;
    let settle = format!("{}/_control/settle", shop.emulator.razorpay_url());
    assert_eq!(answer(http().post(settle)).await.0, 204);
    assert_eq!(receiver.events(), ["payment.authorized", "payment.captured", "order.paid"]);
}
