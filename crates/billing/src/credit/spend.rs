//! Paid credit that goes for something else than work at providers: a plan, a debt.
//!
//! Only what was paid for counts; what was granted pays for work alone.

use ledger::{Cause, Limit, NewAccount, Posting, Side, TRANSFERS_MAX, Transfer};
use sqlx::PgConnection;
use types::{AccountId, Currency, Money, TenantId};

use crate::Error;
use crate::credit::{Credits, Holding, LotKind, Taken};
use crate::db::credit::{charged, wallets};

/// Credit to be spent. The key names it in the books for ever, and its cause is the charge that the lots are noted with.
#[derive(Debug)]
pub(crate) struct Spend {
    pub tenant: TenantId,
    pub key: String,
    pub cause: Cause,
    /// Where it goes; nothing of zero.
    pub shares: Vec<Share>,
}

/// A part of what is spent, and the account that has it then.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share {
    pub account: &'static str,
    pub amount: Money,
    pub reason: &'static str,
}

/// There is not so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoCredit {
    /// How much more it takes.
    pub missing: Money,
}

/// What one lot gives to one share: `(lot, share, paise)` by their places.
type Part = (usize, usize, i64);

impl Credits {
    /// Takes paid credit out of the lots it is in, the oldest first, all or nothing. The wallet is locked until the transaction ends.
    ///
    /// # Errors
    /// [`Error::Frozen`]; whatever the books or the database say. There is not enough: nothing was written.
    pub(crate) async fn spend(
        &self,
        connection: &mut PgConnection,
        spend: &Spend,
    ) -> Result<Result<(), NoCredit>, Error> {
        let now = self.clock.now();
        let wallet = wallets::lock(connection, spend.tenant, now).await?;
        if wallet.frozen {
            return Err(Error::Frozen);
        }
        let paid = self.paid_holdings(connection, spend.tenant).await?;
        let left: Vec<i64> = paid.iter().map(Holding::available_minor).collect();
        let wanted: Vec<i64> = spend.shares.iter().map(|share| share.amount.minor()).collect();
        let parts = match part(&left, &wanted) {
            Ok(parts) => parts,
            Err(missing) => return Ok(Err(NoCredit { missing: Money::inr(missing) })),
        };
        let mut accounts = Vec::new();
        for share in &spend.shares {
            accounts.push(self.account_of(connection, spend.tenant, share.account).await?);
        }
        let transfer = |(lot, share, minor): &Part| {
            let (from, to): (AccountId, AccountId) = (paid[*lot].lot.account, accounts[*share]);
            Transfer::new(from, to, Money::inr(*minor), spend.shares[*share].reason)
        };
        // One posting, unless the money is in very many lots.
        for (number, parts) in parts.chunks(TRANSFERS_MAX).enumerate() {
            let key = if number == 0 { spend.key.clone() } else { format!("{}:{number}", spend.key) };
            let transfers = parts.iter().map(transfer).collect();
            let posting = Posting { tenant: spend.tenant, key, cause: spend.cause.clone(), transfers };
            self.ledger.post(connection, &posting).await?;
        }
        let taken = by_lot(&paid, &parts);
        charged::insert(connection, (spend.tenant, spend.cause.id), &taken).await?;
        let available = self.close_empty(connection, spend.tenant, now).await?;
        self.recharge_if_low(connection, spend.tenant, (wallet.recharge_below, available)).await?;
        Ok(Ok(()))
    }

    /// What is there of paid credit and not set aside.
    pub(crate) async fn paid_available(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<Money, Error> {
        let paid = self.paid_holdings(connection, tenant).await?;
        Ok(Money::inr(paid.iter().map(Holding::available_minor).sum()))
    }

    async fn paid_holdings(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<Vec<Holding>, Error> {
        let mut holdings = self.holdings(connection, tenant).await?;
        holdings.retain(|holding| holding.lot.kind == LotKind::Paid);
        Ok(holdings)
    }

    async fn account_of(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        code: &str,
    ) -> Result<AccountId, Error> {
        let account = NewAccount { code, side: Side::Credit, limit: Limit::None, currency: Currency::Inr };
        Ok(self.ledger.open_account(connection, tenant, &account).await?)
    }
}

/// What is taken of each lot, over all shares.
fn by_lot(paid: &[Holding], parts: &[Part]) -> Vec<Taken> {
    let mut taken: Vec<Taken> = Vec::new();
    for (lot, _, minor) in parts {
        let lot = paid[*lot].lot.id;
        match taken.last_mut().filter(|last| last.lot == lot) {
            Some(last) => last.minor += minor,
            None => taken.push(Taken { lot, minor: *minor }),
        }
    }
    taken
}

/// Fills each share from the lots in their order; says how much is missing where they do not reach.
fn part(left: &[i64], wanted: &[i64]) -> Result<Vec<Part>, i64> {
    let missing = wanted.iter().sum::<i64>() - left.iter().sum::<i64>();
    if missing > 0 {
        return Err(missing);
    }
    let (mut parts, mut lots) = (Vec::new(), left.iter().copied().enumerate());
    let mut open = lots.next();
    for (share, wanted) in wanted.iter().enumerate() {
        let mut wanted = *wanted;
        while wanted > 0 {
            let Some((lot, left)) = open else { break };
            let taken = left.min(wanted);
            if taken > 0 {
                parts.push((lot, share, taken));
            }
            wanted -= taken;
            open = if taken == left { lots.next() } else { Some((lot, left - taken)) };
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shares_are_filled_from_the_oldest_lot_on() {
        assert_eq!(part(&[50, 0, 100], &[70, 30]), Ok(vec![(0, 0, 50), (2, 0, 20), (2, 1, 30)]));
        assert_eq!(part(&[50, 20], &[70, 30]), Err(30));
        assert_eq!(part(&[], &[]), Ok(vec![]));
    }

    proptest! {
        #[test]
        fn every_share_is_filled_exactly_and_no_lot_gives_more_than_it_has(
            left in prop::collection::vec(0i64..1000, 0..40), wanted in prop::collection::vec(0i64..5000, 0..4),
        ) {
            let (has, wants) = (left.iter().sum::<i64>(), wanted.iter().sum::<i64>());
            match part(&left, &wanted) {
                Err(missing) => prop_assert_eq!(missing, wants - has),
                Ok(parts) => {
                    let of = |share: usize| parts.iter().filter(|p| p.1 == share).map(|p| p.2).sum::<i64>();
                    let from = |lot: usize| parts.iter().filter(|p| p.0 == lot).map(|p| p.2).sum::<i64>();
                    prop_assert!(wanted.iter().enumerate().all(|(share, wanted)| of(share) == *wanted));
                    prop_assert!(left.iter().enumerate().all(|(lot, left)| from(lot) <= *left));
                    prop_assert!(parts.iter().all(|p| p.2 > 0));
                    prop_assert!(parts.len() <= left.len() + wanted.len());
                }
            }
        }
    }
}
