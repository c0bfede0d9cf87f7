//! The contract: OpenAPI 3.1 made from the code.

use platform::ProblemType;
use serde_json::{Value, json};
use utoipa::OpenApi;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::server::ServerBuilder;
use utoipa::openapi::{OpenApi as Document, RefOr};

/// The schema of a problem.
const PROBLEM: &str = "#/components/schemas/Problem";
/// The answer to whoever calls too often.
const TOO_MANY: &str = "TooMany";
/// The answer to whoever calls when all call at once.
const BUSY: &str = "Busy";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "VyaparMitra",
        description = "Bargain by voice or text across languages; the agreed price becomes an order, a payment and a document. \
                       `docs/api-design.md` says what the shapes mean.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(platform::problem::Body, voice::stt::Expecting, payments::WalletEntry))
)]
struct Contract;

/// The document before the contexts add their endpoints.
pub fn base() -> Document {
    let mut document = Contract::openapi();
    document.servers = Some(vec![ServerBuilder::new().url("/api/v1").build()]);
    let schemas = &mut document.components.get_or_insert_default().schemas;
    schemas.insert("ProblemType".to_owned(), RefOr::T(Schema::Object(problem_types())));
    document
}

/// Every kind of problem that any context answers with.
pub fn problems() -> Vec<ProblemType> {
    let contexts = [
        platform::problem::PROBLEMS,
        identity::PROBLEMS,
        sync::PROBLEMS,
        voice::PROBLEMS,
        voice::providers::PROBLEMS,
        catalog::PROBLEMS,
        payments::PROBLEMS,
        billing::PROBLEMS,
        orders::PROBLEMS,
        privacy::PROBLEMS,
        negotiation::PROBLEMS,
    ];
    let mut all = contexts.concat();
    all.sort_by_key(|p| p.slug);
    all.dedup_by_key(|p| p.slug);
    all
}

/// The slugs as an enumeration: a client that lacks a translation does not compile.
fn problem_types() -> utoipa::openapi::schema::Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .description(Some("The last part of a problem's `type`."))
        .enum_values(Some(problems().into_iter().map(|p| p.slug)))
        .build()
}

/// The document as JSON. A member that may be missing is missing and never `null`, so its schema does not say `null` either,
/// unless its description says what `null` means.
///
/// # Panics
/// Where the document is no plain data: the build is broken.
pub fn json(document: &Document) -> Value {
    let mut json = serde_json::to_value(document).expect("the document is plain data");
    tidy(&mut json);
    json["components"]["responses"] = refusals();
    let paths = json["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    let endpoints = paths.filter_map(Value::as_object_mut).flat_map(|path| path.values_mut());
    endpoints.for_each(|endpoint| {
        limit(endpoint);
        name_problems(endpoint);
    });
    json
}

/// Whoever calls too often is told so, wherever that is, and so is whoever calls when all call at once: an endpoint that refuses nothing
/// else refuses this.
fn limit(endpoint: &mut Value) {
    let Some(responses) = endpoint["responses"].as_object_mut() else { return };
    let refusal = |name: &str| json!({ "$ref": format!("#/components/responses/{name}") });
    if !responses.contains_key("4XX") {
        responses.entry("429").or_insert_with(|| refusal(TOO_MANY));
    }
    responses.entry("503").or_insert_with(|| refusal(BUSY));
}

/// What every endpoint may answer.
fn refusals() -> Value {
    let refusal = |why: &str| {
        let content = json!({ "application/problem+json": { "schema": { "$ref": PROBLEM } } });
        json!({ "description": why, "content": content })
    };
    json!({
        TOO_MANY: refusal("Too many calls; `Retry-After` says when to come again."),
        BUSY: refusal("More to do than can be done: `Retry-After` says when to come again. Or a service that this needs is away."),
    })
}

/// Says what type the problems of an endpoint are sent as; utoipa takes every body for plain JSON.
fn name_problems(endpoint: &mut Value) {
    let responses = endpoint["responses"].as_object_mut().into_iter().flat_map(|all| all.values_mut());
    for content in responses.filter_map(|response| response.get_mut("content")?.as_object_mut()) {
        let is_problem =
            content.get("application/json").is_some_and(|body| body["schema"]["$ref"] == PROBLEM);
        if is_problem && let Some(body) = content.remove("application/json") {
            content.insert("application/problem+json".to_owned(), body);
        }
    }
}

fn tidy(value: &mut Value) {
    if let Some(all) = value.as_array_mut() {
        all.iter_mut().for_each(tidy);
    }
    let Some(object) = value.as_object_mut() else { return };
    let required = object.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
        let optional = properties.iter_mut().filter(|(name, schema)| {
            !required.contains(&Value::String((*name).clone())) && !null_has_a_meaning(schema)
        });
        optional.for_each(|(_, schema)| without_null(schema));
    }
    object.values_mut().for_each(tidy);
}

/// utoipa writes the description of an optional reference beside the reference.
fn null_has_a_meaning(schema: &Value) -> bool {
    let explains = |part: &Value| part["description"].as_str().is_some_and(|text| text.contains("`null`"));
    explains(schema) || schema["oneOf"].as_array().is_some_and(|kinds| kinds.iter().any(explains))
}

fn without_null(schema: &mut Value) {
    let is_null = |kind: &Value| *kind == "null" || kind["type"] == "null";
    for list in ["type", "oneOf"] {
        let Some(kinds) = schema.get_mut(list).and_then(Value::as_array_mut) else { continue };
        kinds.retain(|kind| !is_null(kind));
        let Ok([only]) = <[Value; 1]>::try_from(kinds.clone()) else { continue };
        let Some(object) = schema.as_object_mut() else { continue };
        if list == "type" {
            object.insert(list.to_owned(), only);
        } else {
            object.remove(list);
            object.extend(only.as_object().cloned().unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_says_that_it_may_be_called_too_often_or_when_there_is_too_much_to_do() {
        let mut refuses_nothing = json!({ "responses": { "200": { "description": "d" } } });
        limit(&mut refuses_nothing);
        for (status, name) in [("429", TOO_MANY), ("503", BUSY)] {
            let named = format!("#/components/responses/{name}");
            assert_eq!(refuses_nothing["responses"][status]["$ref"], named);
            assert!(refusals()[name]["content"]["application/problem+json"].is_object());
        }
        let mut refuses = json!({ "responses": { "4XX": {}, "503": { "description": "Its own." } } });
        let before = refuses.clone();
        limit(&mut refuses);
        assert_eq!(refuses, before);
    }

    #[test]
    fn only_required_members_may_be_null() {
        let mut schema = json!({
            "required": ["kept"],
            "properties": {
                "kept": { "type": ["string", "null"] },
                "left_out": { "type": ["string", "null"], "description": "d" },
                "other": { "oneOf": [{ "type": "null" }, { "$ref": "#/x" }] },
            },
        });
        tidy(&mut schema);
        let properties = &schema["properties"];
        assert_eq!(properties["kept"]["type"], json!(["string", "null"]));
        assert_eq!(properties["left_out"], json!({ "type": "string", "description": "d" }));
        assert_eq!(properties["other"], json!({ "$ref": "#/x" }));
    }

    #[test]
    fn a_member_may_be_null_where_that_means_something() {
        let floor = json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/x", "description": "`null` takes it away." }] });
        let mut schema = json!({ "properties": { "floor": floor } });
        tidy(&mut schema);
        assert_eq!(schema["properties"]["floor"], floor);
    }

    #[test]
    fn problems_are_sent_as_problems_and_all_else_as_json() {
        let body =
            |schema: &str| json!({ "content": { "application/json": { "schema": { "$ref": schema } } } });
        let mut endpoint = json!({ "responses": { "200": body("#/x"), "204": {}, "4XX": body(PROBLEM) } });
        name_problems(&mut endpoint);
        assert_eq!(endpoint["responses"]["200"], body("#/x"));
        assert_eq!(
            endpoint["responses"]["4XX"]["content"],
            json!({ "application/problem+json": { "schema": { "$ref": PROBLEM } } })
        );
    }

    #[test]
    fn every_problem_has_a_slug_of_its_own() {
        let problems = problems();
        let mut slugs: Vec<_> = problems.iter().map(|p| p.slug).collect();
        slugs.dedup();
        assert_eq!(slugs.len(), problems.len());
    }
}
