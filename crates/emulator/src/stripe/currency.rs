//! The currencies this emulator knows, in minor units.

use super::error::{Error, Result};
use super::params::{Params, cut};

/// The largest amount of a charge, in minor units.
const AMOUNT_MAX: i64 = 99_999_999;

struct Currency {
    code: &'static str,
    sign: &'static str,
    /// The least amount of a charge.
    amount_min: i64,
    decimals: usize,
}

const CURRENCIES: [Currency; 9] = [
    Currency { code: "usd", sign: "$", amount_min: 50, decimals: 2 },
    Currency { code: "inr", sign: "₹", amount_min: 50, decimals: 2 },
    Currency { code: "eur", sign: "€", amount_min: 50, decimals: 2 },
    Currency { code: "gbp", sign: "£", amount_min: 30, decimals: 2 },
    Currency { code: "sgd", sign: "S$", amount_min: 50, decimals: 2 },
    Currency { code: "aud", sign: "A$", amount_min: 50, decimals: 2 },
    Currency { code: "cad", sign: "CA$", amount_min: 50, decimals: 2 },
    Currency { code: "aed", sign: "AED", amount_min: 200, decimals: 2 },
    Currency { code: "jpy", sign: "¥", amount_min: 50, decimals: 0 },
];

fn known(code: &str) -> Option<&'static Currency> {
    CURRENCIES.iter().find(|currency| currency.code == code)
}

/// An amount as the vendor's sentences have it: `$10.99`.
pub(crate) fn spoken(amount: i64, code: &str) -> String {
    let (sign, decimals) = known(code).map_or(("", 2), |currency| (currency.sign, currency.decimals));
    if decimals == 0 {
        format!("{sign}{amount}")
    } else {
        format!("{sign}{}.{:02}", amount / 100, amount % 100)
    }
}

/// Reads a currency that must be there, in either case.
pub(crate) fn take(params: &mut Params) -> Result<&'static str> {
    checked(&params.required("currency")?)
}

pub(crate) fn checked(given: &str) -> Result<&'static str> {
    let code = given.to_lowercase();
    let found = known(&code).map(|currency| currency.code);
    found.ok_or_else(|| {
        let codes: Vec<&str> = CURRENCIES.iter().map(|currency| currency.code).collect();
        let message = format!(
            "Invalid currency: {}. Stripe currently supports these currencies: {}",
            cut(&code),
            codes.join(", ")
        );
        Error::invalid("currency", message)
    })
}

/// Refuses a price of one that nobody could be charged.
pub(crate) fn check_unit_amount(amount: i64, code: &str) -> Result<()> {
    if amount < 0 {
        return Err(Error::invalid("unit_amount", "This value must be greater than or equal to 0.")
            .code("parameter_invalid_integer"));
    }
    if amount > AMOUNT_MAX {
        let message = format!("Amount must be no more than {}", spoken(AMOUNT_MAX, code));
        return Err(Error::invalid("unit_amount", message).code("amount_too_large"));
    }
    Ok(())
}

/// Refuses an amount that cannot be charged.
pub(crate) fn check_amount(amount: i64, code: &str) -> Result<()> {
    let min = known(code).map_or(1, |currency| currency.amount_min);
    if amount < 1 {
        return Err(Error::invalid("amount", "This value must be greater than or equal to 1.")
            .code("parameter_invalid_integer"));
    }
    if amount < min {
        let message = format!("Amount must be at least {} {code}", spoken(min, code));
        return Err(Error::invalid("amount", message).code("amount_too_small"));
    }
    if amount > AMOUNT_MAX {
        let message = format!("Amount must be no more than {}", spoken(AMOUNT_MAX, code));
        return Err(Error::invalid("amount", message).code("amount_too_large"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_bounded_by_currency() {
        assert_eq!(check_amount(49, "usd").unwrap_err().to_string(), "Amount must be at least $0.50 usd");
        assert!(check_amount(50, "inr").is_ok());
        assert!(check_amount(100_000_000, "inr").is_err());
        assert!(check_amount(0, "jpy").is_err());
        assert_eq!((spoken(1_05, "inr"), spoken(500, "jpy")), ("₹1.05".to_owned(), "¥500".to_owned()));
    }

    #[test]
    fn codes_are_read_in_either_case() {
        assert_eq!(checked("INR").unwrap(), "inr");
        assert!(checked("xyz").is_err());
    }
}
