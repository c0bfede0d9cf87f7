//! What is paid, as columns: those of an order are filled, or those of a top-up.

use types::{GuestId, OrderId, TopUpId, VisitId};

use crate::subject::{Subject, SubjectId};

/// The columns of an intent that say what it is for.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub order: Option<OrderId>,
    pub order_number: Option<String>,
    pub visit: Option<VisitId>,
    pub guest: Option<GuestId>,
    pub stall_name: Option<String>,
    pub top_up: Option<TopUpId>,
    pub top_up_number: Option<String>,
    pub payee: Option<String>,
}

impl From<Subject> for Columns {
    fn from(subject: Subject) -> Self {
        match subject {
            Subject::Order { id, number, visit, guest, stall_name } => Self {
                order: Some(id),
                order_number: Some(number),
                visit: Some(visit),
                guest: Some(guest),
                stall_name: Some(stall_name),
                ..Self::default()
            },
            Subject::TopUp { id, number, payee } => {
                Self { top_up: Some(id), top_up_number: Some(number), payee: Some(payee), ..Self::default() }
            }
        }
    }
}

impl TryFrom<Columns> for Subject {
    type Error = sqlx::Error;

    fn try_from(columns: Columns) -> Result<Self, sqlx::Error> {
        let Columns { order, order_number, visit, guest, stall_name, top_up, top_up_number, payee } = columns;
        if let (Some(id), Some(number), Some(visit), Some(guest), Some(stall_name)) =
            (order, order_number, visit, guest, stall_name)
        {
            return Ok(Self::Order { id, number, visit, guest, stall_name });
        }
        if let (Some(id), Some(number), Some(payee)) = (top_up, top_up_number, payee) {
            return Ok(Self::TopUp { id, number, payee });
        }
        Err(for_nothing())
    }
}

/// What a payment is for, by its two columns.
pub(crate) fn id_of(order: Option<OrderId>, top_up: Option<TopUpId>) -> Result<SubjectId, sqlx::Error> {
    let order = order.map(SubjectId::Order);
    order.or(top_up.map(SubjectId::TopUp)).ok_or_else(for_nothing)
}

fn for_nothing() -> sqlx::Error {
    sqlx::Error::Decode("the row is for neither an order nor a top-up".into())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_subject_comes_back_from_its_columns() {
        let id = Uuid::from_u128;
        let order = Subject::Order {
            id: id(1).into(),
            number: "12".to_owned(),
            visit: id(2).into(),
            guest: id(3).into(),
            stall_name: "Fresh".to_owned(),
        };
        let top_up =
            Subject::TopUp { id: id(4).into(), number: "C-3F9A".to_owned(), payee: "VyaparMitra".to_owned() };
        for subject in [order, top_up] {
            assert_eq!(Subject::try_from(Columns::from(subject.clone())).unwrap(), subject);
        }
    }

    #[test]
    fn half_a_subject_is_none() {
        let half = Columns { order: Some(Uuid::from_u128(1).into()), ..Columns::default() };
        assert!(Subject::try_from(half).is_err());
        assert!(id_of(None, None).is_err());
    }
}
