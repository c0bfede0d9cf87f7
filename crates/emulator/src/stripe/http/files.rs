//! `/v1/files`: the one call whose body is no form of texts.

use axum::Json;
use axum::extract::{Multipart, State};
use axum::http::HeaderMap;

use super::call::{Answer, authenticate};
use crate::stripe::Stripe;
use crate::stripe::desk::Cause;
use crate::stripe::error::Error;

/// The largest form: the largest file and what goes with it.
pub(super) const FORM_BYTES_MAX: usize = 6 * 1024 * 1024;

pub(super) async fn upload(State(stripe): State<Stripe>, headers: HeaderMap, mut form: Multipart) -> Answer {
    let number = authenticate(&headers, &stripe)?;
    let malformed = |_| Error::refused("The form is not well formed.");
    let (mut purpose, mut file) = (None, None);
    while let Some(field) = form.next_field().await.map_err(malformed)? {
        match field.name() {
            Some("purpose") => purpose = Some(field.text().await.map_err(malformed)?),
            Some("file") => {
                let name = field.file_name().unwrap_or("file").to_owned();
                file = Some((name, field.bytes().await.map_err(malformed)?.to_vec()));
            }
            other => return Err(Error::unknown_params(&[other.unwrap_or_default().to_owned()])),
        }
    }
    stripe.with_world(|world| {
        // A reset may have come between the reading of the key and this.
        if number >= world.accounts.len() {
            return Err(Error::unauthorized("Invalid API Key provided."));
        }
        world.desk(number, Cause::default()).keep_file(purpose.as_deref(), file).map(Json)
    })
}
