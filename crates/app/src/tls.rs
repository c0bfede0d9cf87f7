//! The certificate of the TLS listener: the operator's, one that an authority gave us ([`crate::acme`]), or one that we make ourselves so that
//! a phone on the same network has its microphone. Browsers warn about the last; the warning is explained where the address is shown.
//!
//! **Invariants.** Files are read again when they change: a renewal needs no restart. What does not fit together is not taken, and the
//! one before serves on.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use axum_server::tls_rustls::RustlsConfig;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::acme::Authority;
use crate::config::Https;

/// How often the files are looked at.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(30);
/// How long they are left alone.
const LOOKED_AT_LEAST: Duration = Duration::from_millis(200);

/// The certificate that is served, and where it comes from.
#[derive(Debug)]
pub struct Certificate {
    served: RustlsConfig,
    files: Option<Files>,
    authority: Option<Authority>,
}

/// A chain and its key, as read.
type Pair = (Vec<u8>, Vec<u8>);

/// Files, as they were when they were last taken; nothing was before an authority gave its first certificate out.
#[derive(Debug)]
struct Files {
    chain: PathBuf,
    key: PathBuf,
    taken: Option<Pair>,
    refused: Option<Pair>,
}

impl Files {
    async fn read(chain: &Path, key: &Path) -> std::io::Result<Pair> {
        Ok((tokio::fs::read(chain).await?, tokio::fs::read(key).await?))
    }
}

impl Certificate {
    /// What a listener serves. It changes when [`Certificate::look`] finds another.
    pub fn served(&self) -> RustlsConfig {
        self.served.clone()
    }

    /// Looks at the files, and serves what is new in them; whether that was so. What cannot be used is logged once, and the one
    /// before serves on.
    pub async fn look(&mut self) -> bool {
        let Some(files) = &mut self.files else { return false };
        let found = match Files::read(&files.chain, &files.key).await {
            Ok(found) => found,
            Err(error) if files.taken.is_none() && error.kind() == ErrorKind::NotFound => return false,
            Err(error) => {
                tracing::warn!(%error, "the certificate's files cannot be read; the one before serves on");
                return false;
            }
        };
        if files.taken.as_ref() == Some(&found) || files.refused.as_ref() == Some(&found) {
            return false;
        }
        let (chain, key) = found.clone();
        match self.served.reload_from_pem(chain, key).await {
            Ok(()) => {
                tracing::info!(chain = %files.chain.display(), "a new certificate is served");
                files.taken = Some(found);
                files.refused = None;
                true
            }
            Err(error) => {
                tracing::error!(%error, "the new certificate and its key cannot be used; the one before serves on");
                files.refused = Some(found);
                false
            }
        }
    }

    /// Looks again and again until `stop` is cancelled, and has the authority asked when it is time. One of our own is not looked at:
    /// nobody renews it.
    pub async fn keep_looking(mut self, stop: CancellationToken) {
        if self.files.is_some() {
            stop.run_until_cancelled(self.look_for_ever()).await;
        }
    }

    async fn look_for_ever(&mut self) {
        loop {
            let idle = match &self.authority {
                Some(authority) => authority.tend().await,
                None => Duration::MAX,
            };
            self.look().await;
            sleep(idle.clamp(LOOKED_AT_LEAST, LOOKED_AT_EVERY)).await;
        }
    }
}

/// Reads the certificate, or makes one for these names and keeps it in `data_dir`, which serves until the authority, where there is one,
/// gave another.
///
/// # Errors
/// A certificate or key that cannot be read or do not fit.
pub async fn certificate(
    config: &Https,
    data_dir: &Path,
    names: &[String],
    authority: Option<Authority>,
) -> anyhow::Result<Certificate> {
    // A second call finds the provider installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match (&config.certificate, &config.key) {
        (Some(chain), Some(key)) => {
            let unusable = || format!("the certificate {} or its key cannot be used", chain.display());
            let taken = Files::read(chain, key).await.with_context(unusable)?;
            let served =
                RustlsConfig::from_pem(taken.0.clone(), taken.1.clone()).await.with_context(unusable)?;
            let files = Files { chain: chain.clone(), key: key.clone(), taken: Some(taken), refused: None };
            Ok(Certificate { served, files: Some(files), authority: None })
        }
        (None, None) => {
            let (chain, key) = own(data_dir, names)?;
            let served = RustlsConfig::from_pem(chain, key).await?;
            let file = authority.as_ref().map(|authority| authority.certificate().to_owned());
            let files = file.map(|file| Files { chain: file.clone(), key: file, taken: None, refused: None });
            let mut certificate = Certificate { served, files, authority };
            certificate.look().await;
            Ok(certificate)
        }
        _ => anyhow::bail!("https.certificate and https.key go together: set both or neither"),
    }
}

/// The self-signed certificate for these names; made anew when the names change.
fn own(data_dir: &Path, names: &[String]) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
    let dir = data_dir.join("tls");
    let (chain_file, key_file, names_file) = (dir.join("chain.pem"), dir.join("key.pem"), dir.join("names"));
    let wanted = names.join("\n");
    if fs::read_to_string(&names_file).is_ok_and(|kept| kept == wanted)
        && let (Ok(chain), Ok(key)) = (fs::read(&chain_file), fs::read(&key_file))
    {
        return Ok((chain, key));
    }
    let made = rcgen::generate_simple_self_signed(names.to_vec())?;
    let (chain, key) = (made.cert.pem().into_bytes(), made.signing_key.serialize_pem().into_bytes());
    fs::create_dir_all(&dir)?;
    fs::write(&chain_file, &chain)?;
    let mut secret =
        fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&key_file)?;
    secret.write_all(&key)?;
    fs::write(&names_file, wanted)?;
    Ok((chain, key))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// A certificate for this name and its key, as PEM.
    fn made(name: &str) -> (String, String) {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    fn write(config: &Https, (chain, key): &(String, String)) {
        fs::write(config.certificate.as_ref().unwrap(), chain).unwrap();
        fs::write(config.key.as_ref().unwrap(), key).unwrap();
    }

    #[tokio::test]
    async fn a_renewed_certificate_is_served_and_one_that_does_not_fit_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let config = Https {
            certificate: Some(dir.path().join("chain.pem")),
            key: Some(dir.path().join("key.pem")),
            ..Https::default()
        };
        let (first, second) = (made("old.example"), made("new.example"));
        write(&config, &first);
        let mut certificate = certificate(&config, dir.path(), &[], None).await.unwrap();
        let before = certificate.served().get_inner();
        assert!(!certificate.look().await, "nothing has changed");

        write(&config, &(second.0.clone(), first.1.clone()));
        assert!(!certificate.look().await, "half of a renewal");
        assert!(Arc::ptr_eq(&before, &certificate.served().get_inner()));
        fs::remove_file(config.key.as_ref().unwrap()).unwrap();
        assert!(!certificate.look().await, "the key is away for a moment");
        write(&config, &second);
        assert!(certificate.look().await);
        assert!(!Arc::ptr_eq(&before, &certificate.served().get_inner()));
        assert!(!certificate.look().await, "it is taken once");
    }

    #[test]
    fn the_certificate_is_kept_until_the_names_change() {
        let dir = tempfile::tempdir().unwrap();
        let names = ["localhost".to_owned()];
        let first = own(dir.path(), &names).unwrap();
        assert_eq!(own(dir.path(), &names).unwrap(), first);
        let other = own(dir.path(), &["192.0.2.7".to_owned()]).unwrap();
        assert_ne!(other.0, first.0);
    }
}
