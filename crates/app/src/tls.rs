//! The certificate of the TLS listener: the operator's, or one that we make ourselves so that a phone on the same network has its
//! microphone. Browsers warn about the latter; the warning is explained where the address is shown.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use axum_server::tls_rustls::RustlsConfig;

use crate::config::Https;

/// Reads the certificate, or makes one for these names and keeps it in `data_dir`.
///
/// # Errors
/// A certificate or key that cannot be read or do not fit.
pub async fn certificate(config: &Https, data_dir: &Path, names: &[String]) -> anyhow::Result<RustlsConfig> {
    // A second call finds the provider installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match (&config.certificate, &config.key) {
        (Some(chain), Some(key)) => RustlsConfig::from_pem_file(chain, key)
            .await
            .with_context(|| format!("the certificate {} or its key cannot be used", chain.display())),
        (None, None) => {
            let (chain, key) = own(data_dir, names)?;
            Ok(RustlsConfig::from_pem(chain, key).await?)
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
    use super::*;

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
