//! One order at an authority: whose the name is, shown over HTTP, and the certificate for a fresh key.

use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use instant_acme::{
    AccountBuilder, AuthorizationStatus, ChallengeType, Error, ExternalAccountKey, Identifier, NewAccount,
    NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};

use super::files::{Account, Answer, Folder};
use super::settings::Asked;

/// How long the authority may take over one step.
const STEP_WITHIN: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(90));
/// What an authority says of an account that it does not know (any more).
const NO_ACCOUNT: &str = "urn:ietf:params:acme:error:accountDoesNotExist";
/// What an authority says to whoever asks too much.
const LIMITED: &str = "urn:ietf:params:acme:error:rateLimited";

/// Whether the authority said that it was asked too much.
pub(super) fn is_limit(error: &anyhow::Error) -> bool {
    says(error, LIMITED)
}

fn says(error: &anyhow::Error, problem: &str) -> bool {
    let said = error.chain().find_map(|cause| cause.downcast_ref::<Error>());
    matches!(said, Some(Error::Api(said)) if said.r#type.as_deref() == Some(problem))
}

/// Has a certificate made: its chain and its key, as PEM.
pub(super) async fn certificate(asked: &Asked, folder: &Folder) -> anyhow::Result<String> {
    let known = folder.account().filter(|known| known.directory == asked.directory);
    let Some(known) = known else { return fresh_certificate(asked, folder).await };
    let account = client(asked)?.from_credentials(known.credentials).await;
    let account = account.context("the authority does not answer")?;
    match with_account(&account, asked, folder).await {
        Err(error) if says(&error, NO_ACCOUNT) => {
            tracing::warn!(
                directory = asked.directory,
                "the authority forgot the account; another is opened"
            );
            fresh_certificate(asked, folder).await
        }
        other => other,
    }
}

async fn fresh_certificate(asked: &Asked, folder: &Folder) -> anyhow::Result<String> {
    let external = asked.external_key().map(|(id, key)| ExternalAccountKey::new(id, &key));
    let contact: Vec<&str> = asked.contact.as_deref().into_iter().collect();
    let new = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
    let made = client(asked)?.create(&new, asked.directory.clone(), external.as_ref()).await;
    let (account, credentials) = made.context("the authority opens no account")?;
    folder.keep_account(&Account { directory: asked.directory.clone(), credentials })?;
    with_account(&account, asked, folder).await
}

fn client(asked: &Asked) -> anyhow::Result<AccountBuilder> {
    Ok(match &asked.root {
        Some(root) => instant_acme::Account::builder_with_root(root)
            .with_context(|| format!("https.acme.root {} cannot be used", root.display()))?,
        None => instant_acme::Account::builder()?,
    })
}

async fn with_account(
    account: &instant_acme::Account,
    asked: &Asked,
    folder: &Folder,
) -> anyhow::Result<String> {
    let names = [Identifier::Dns(asked.name.clone())];
    let order = account.new_order(&NewOrder::new(&names)).await;
    let mut order = order.context("the authority takes no order")?;
    let answers = show(&mut order, folder).await?;
    match order.poll_ready(&STEP_WITHIN).await {
        Ok(OrderStatus::Ready) => {}
        Ok(_) | Err(Error::Api(_)) => return Err(refusal(&mut order).await),
        Err(error) => return Err(error.into()),
    }
    drop(answers);
    let key = KeyPair::generate()?;
    let mut wanted = CertificateParams::new(vec![asked.name.clone()])?;
    wanted.distinguished_name = DistinguishedName::new();
    order.finalize_csr(wanted.serialize_request(&key)?.der()).await.context("the authority makes none")?;
    let chain = order.poll_certificate(&STEP_WITHIN).await.context("the authority gave none out")?;
    ensure!(chain.contains("-----BEGIN CERTIFICATE-----"), "what the authority gave out is no certificate");
    Ok(format!("{}\n{}", chain.trim_end(), key.serialize_pem()))
}

/// Shows that the name leads here: puts an answer where the authority looks, and tells it so.
async fn show(order: &mut Order, folder: &Folder) -> anyhow::Result<Vec<Answer>> {
    let (mut answers, mut asked) = (Vec::new(), order.authorizations());
    while let Some(one) = asked.next().await {
        let mut one = one?;
        match one.status {
            AuthorizationStatus::Valid => continue,
            AuthorizationStatus::Pending => {}
            ref status => bail!("the authority's question is {status:?}"),
        }
        let question = one.challenge(ChallengeType::Http01);
        let mut question = question.context("the authority does not ask over HTTP")?;
        answers.push(folder.answer(&question.token, question.key_authorization().as_str())?);
        question.set_ready().await?;
    }
    Ok(answers)
}

/// Why an order came to nothing, in the authority's own words.
async fn refusal(order: &mut Order) -> anyhow::Error {
    let mut asked = order.authorizations();
    while let Some(Ok(mut one)) = asked.next().await {
        if let Ok(state) = one.refresh().await
            && let Some(problem) = state.challenges.iter().find_map(|question| question.error.clone())
        {
            return anyhow!(Error::Api(problem)).context("the authority did not find its answer here");
        }
    }
    anyhow!("the authority calls the order invalid")
}
