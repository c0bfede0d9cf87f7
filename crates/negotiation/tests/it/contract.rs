//! What the endpoints promise: the web client is generated from it.

use serde_json::{Value, json};

use crate::market::Market;

/// The schemas of this context by name.
async fn schemas() -> Value {
    let document = Market::open().await.negotiation.routes().into_openapi();
    serde_json::to_value(document).unwrap()["components"]["schemas"].clone()
}

#[tokio::test]
async fn the_shapes_have_the_names_that_clients_know() {
    let schemas = schemas().await;
    for name in [
        "Act",
        "LastMessage",
        "Message",
        "Offer",
        "OperatorVisit",
        "ReadBack",
        "Said",
        "Settled",
        "StallPreview",
        "Visit",
        "VisitCard",
        "VisitProduct",
        "VisitVoice",
        "Capability",
        "NewMessage",
        "NewOffer",
        "NewAcceptance",
        "OrderCard",
    ] {
        assert!(schemas[name].is_object(), "{name} is missing of {:?}", schemas.as_object().unwrap().keys());
    }
    assert_eq!(schemas["VisitState"]["enum"], json!(["open", "left", "closed"]));
    assert_eq!(schemas["Warning"]["enum"], json!(["numbers-differ", "no-credit", "member-limit"]));
}

#[tokio::test]
async fn what_is_absent_is_absent_and_never_null() {
    let schemas = schemas().await;
    for name in ["Message", "Offer", "ReadBack", "Said", "Settled", "StallPreview"] {
        let members = schemas[name]["properties"].as_object().unwrap();
        assert!(!members.is_empty(), "{name}");
        for (member, schema) in members {
            assert!(!schema.to_string().contains("null"), "{name}.{member}: {schema}");
        }
    }
    let required = schemas["Offer"]["required"].as_array().unwrap();
    assert!(
        required.contains(&json!("confirmed")) && !required.contains(&json!("below_floor")),
        "{required:?}"
    );
    for member in ["standing", "read_back", "order"] {
        assert!(schemas["Visit"]["properties"][member].to_string().contains("null"), "{member} may be null");
        assert!(
            schemas["Visit"]["required"].as_array().unwrap().contains(&json!(member)),
            "{member} is always there"
        );
    }
}
