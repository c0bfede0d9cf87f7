//! What an installation says about its sockets and pushes.

use std::time::Duration;

use serde::Deserialize;

use crate::push::{Contact, VapidKey};

/// Settings of this context.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What sockets may cost.
    pub sockets: SocketLimits,
    /// Web Push.
    pub push: PushConfig,
}

/// What sockets may cost this process. Nobody has to change these; a small machine may.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SocketLimits {
    /// Sockets of this process; one more is told to come back later.
    pub sockets_max: usize,
    /// Sockets from one address that have not said hello yet.
    pub strangers_per_address_max: usize,
    /// Devices of a vendor; with one more the oldest goes.
    pub per_vendor_max: usize,
    /// Devices of a guest; with one more the oldest goes.
    pub per_guest_max: usize,
    /// Frames that may wait for a socket.
    pub queue_frames_max: usize,
    /// Bytes that may wait for a socket; an event that is larger is never sent.
    pub queue_bytes_max: usize,
    /// How often a socket is pinged.
    #[serde(rename = "heartbeat_ms", deserialize_with = "millis")]
    pub heartbeat: Duration,
    /// A socket that says nothing for this long is dropped.
    #[serde(rename = "silence_ms", deserialize_with = "millis")]
    pub silence_max: Duration,
    /// A socket that takes longer over a frame is dropped.
    #[serde(rename = "write_ms", deserialize_with = "millis")]
    pub write_max: Duration,
    /// A socket that takes longer to say hello is dropped.
    #[serde(rename = "hello_ms", deserialize_with = "millis")]
    pub hello_max: Duration,
    /// How often sessions and passes of open sockets are looked up.
    #[serde(rename = "tend_ms", deserialize_with = "millis")]
    pub tend_every: Duration,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self {
            sockets_max: 20_000,
            strangers_per_address_max: 256,
            per_vendor_max: 16,
            per_guest_max: 6,
            queue_frames_max: 256,
            queue_bytes_max: 1024 * 1024,
            heartbeat: Duration::from_secs(20),
            silence_max: Duration::from_secs(45),
            write_max: Duration::from_secs(10),
            hello_max: Duration::from_secs(10),
            tend_every: Duration::from_mins(1),
        }
    }
}

/// Web Push (RFC 8030, 8291, 8292). Off until there is a contact.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushConfig {
    /// Whom the push services may write to: `mailto:…` or `https://…`. They refuse senders without one.
    pub contact: Option<Contact>,
    /// The key that signs for this server. Without one it is derived from the master key.
    pub private_key: Option<VapidKey>,
    /// Which addresses are called.
    #[serde(skip)]
    pub targets: PushTargets,
}

/// Which push services may be called. Not a setting: only a test calls this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PushTargets {
    /// `https` in the internet.
    #[default]
    Public,
    /// Any `http` address, so that a test can be the push service.
    Anywhere,
}

fn millis<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Duration, D::Error> {
    u64::deserialize(value).map(Duration::from_millis)
}
