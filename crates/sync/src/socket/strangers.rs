//! Sockets that have not said hello, counted by address: nobody fills the house from the doorstep.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Error;

type Counts = HashMap<IpAddr, usize>;

/// How many sockets of each address have not said hello.
#[derive(Debug, Clone, Default)]
pub(crate) struct Strangers(Arc<Mutex<Counts>>);

/// A socket that has not said hello; dropped when it has, or went.
#[derive(Debug)]
pub(crate) struct Stranger {
    network: IpAddr,
    strangers: Strangers,
}

impl Strangers {
    /// Counts a socket.
    ///
    /// # Errors
    /// [`Error::TooManyStrangers`].
    pub fn admit(&self, address: Option<IpAddr>, per_address_max: usize) -> Result<Stranger, Error> {
        let network = network(address);
        let mut counts = self.counts();
        let count = counts.entry(network).or_default();
        if *count >= per_address_max {
            return Err(Error::TooManyStrangers);
        }
        *count += 1;
        Ok(Stranger { network, strangers: self.clone() })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let mut counts = self.strangers.counts();
        if let Some(count) = counts.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.network);
            }
        }
    }
}

/// An IPv4 address, or the /64 that an IPv6 household has to itself.
fn network(address: Option<IpAddr>) -> IpAddr {
    match address {
        Some(IpAddr::V6(v6)) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        Some(v4) => v4,
        None => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_and_gets_them_back() {
        let strangers = Strangers::default();
        let admit = |text: &str| strangers.admit(Some(text.parse().unwrap()), 2);
        let first = admit("2001:db8::1").unwrap();
        let _second = admit("2001:db8::2").unwrap();
        assert!(matches!(admit("2001:db8::3"), Err(Error::TooManyStrangers)), "one household");
        assert!(admit("192.0.2.1").is_ok());
        drop(first);
        assert!(admit("2001:db8::3").is_ok());
    }
}
