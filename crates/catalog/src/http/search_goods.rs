//! `GET /goods`

use identity::Caller;
use platform::extract::{Json, Query};
use platform::problem;
use serde::Deserialize;
use types::Language;

use crate::{Error, Goods, goods};

/// What a vendor typed of a name.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GoodsQuery {
    /// The beginning of a name, in any language and spelling.
    pub query: String,
    /// Whose names come first; the caller's language where nothing is said.
    pub language: Option<Language>,
}

/// Goods to pick a product's name from: at most ten, best first.
#[utoipa::path(
    get, path = "/goods", tag = "catalog", params(GoodsQuery),
    responses((status = OK, body = Goods), (status = "4XX", body = problem::Body)),
)]
pub async fn search_goods(caller: Caller, Query(search): Query<GoodsQuery>) -> Result<Json<Goods>, Error> {
    let vendor = caller.vendor()?;
    let language = search.language.unwrap_or(vendor.language);
    Ok(Json(Goods { items: goods::search(&search.query, language) }))
}
