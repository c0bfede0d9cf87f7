//! Roles, and what each of them may do: the one table of rights.
//!
//! **Invariants.** A right is named by what somebody does, not by a page or a route. A role has a right or has not; nothing else
//! decides. Everything that somebody in a business does, its owner may do; what those who run the installation may do has
//! rights of its own, which no business's role has.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What somebody is in a business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Role {
    /// May do everything. A business always has one.
    Owner,
    /// Runs it, but says not where its money goes.
    Admin,
    /// Sells at the stall.
    Member,
    /// Looks at everything and changes nothing: whoever keeps the books.
    Viewer,
}

/// What somebody is who runs the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum OperatorRole {
    /// Helps: sees shops, and sets work going that got stuck.
    Support,
    /// Keeps the books: refunds, payouts, prices, reconciliation.
    Finance,
    /// Keeps order: decides what is reported, closes stalls, locks people out, stops spending and holds payouts.
    Moderator,
    /// May do everything, and says who else may do what. An installation always keeps one.
    Admin,
}

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See the stall, its goods and their stock, visits and what is said in them, orders and their documents.
    ReadShop,
    /// Bargain, agree, hand over, say that money was received.
    Sell,
    /// Count stock.
    CountStock,
    /// Add goods and take them off the shelf, change prices and floors.
    ChangePrices,
    /// Change the stall, its sign and its tax profile.
    ChangeShop,
    /// See credit spent, the wallet, payouts, plans and disputes.
    ReadMoney,
    /// Give money back, buy credit, choose a plan, answer disputes, keep cards.
    MoveMoney,
    /// Say where the business's money goes.
    ChangePayee,
    /// See who belongs to the business.
    ReadTeam,
    /// Invite people, change what they are, remove them.
    ManageTeam,
    /// See every business's visits, orders and disputes.
    OverseeShops,
    /// See work that rests or failed and messages of gateways, and set them going again.
    MendWork,
    /// See every business's credit, payouts, prices, plans and revenue.
    OverseeMoney,
    /// Give money and credit back, pay out, reconcile.
    RunMoney,
    /// Set prices, commission, plans and coupons.
    SetTerms,
    /// Stop a business's spending and its payouts.
    StopMoney,
    /// Find people, see their businesses and devices.
    FindPeople,
    /// Lock people out, let them in again, end their sessions, keep an account that was to be erased.
    LockPeople,
    /// Read and answer complaints about what is done with people's data.
    AnswerPeople,
    /// Say who runs the installation.
    ManageOperators,
    /// Add, order and end the keys by which providers elsewhere are called.
    ManageProviders,
    /// See what people report of each other with what was said, decide what comes of it, close stalls and open them again.
    Moderate,
    /// Switch parts of the product off and on.
    SetSwitches,
}

use Permission::{
    AnswerPeople, ChangePayee, ChangePrices, ChangeShop, CountStock, FindPeople, LockPeople, ManageOperators,
    ManageProviders, ManageTeam, MendWork, Moderate, MoveMoney, OverseeMoney, OverseeShops, ReadMoney,
    ReadShop, ReadTeam, RunMoney, Sell, SetSwitches, SetTerms, StopMoney,
};

impl Role {
    /// Every role, the one with the most rights first.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Member, Self::Viewer];

    /// What the role may do.
    pub const fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Owner => &[
                ReadShop,
                Sell,
                CountStock,
                ChangePrices,
                ChangeShop,
                ReadMoney,
                MoveMoney,
                ChangePayee,
                ReadTeam,
                ManageTeam,
            ],
            Self::Admin => &[
                ReadShop,
                Sell,
                CountStock,
                ChangePrices,
                ChangeShop,
                ReadMoney,
                MoveMoney,
                ReadTeam,
                ManageTeam,
            ],
            Self::Member => &[ReadShop, Sell, CountStock, ReadTeam],
            Self::Viewer => &[ReadShop, ReadMoney, ReadTeam],
        }
    }

    /// Whether the role may do it.
    pub fn may(self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }

    /// Whether somebody in this role may make somebody `other`, or end that. Owners are made and ended by owners alone.
    pub fn may_give(self, other: Self) -> bool {
        self.may(ManageTeam) && (other != Self::Owner || self == Self::Owner)
    }
}

impl OperatorRole {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Support, Self::Finance, Self::Moderator, Self::Admin];

    /// What the role may do.
    pub const fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Support => &[OverseeShops, MendWork, FindPeople, AnswerPeople],
            Self::Finance => &[OverseeShops, OverseeMoney, RunMoney, SetTerms],
            Self::Moderator => &[OverseeShops, OverseeMoney, StopMoney, FindPeople, LockPeople, Moderate],
            Self::Admin => &[
                OverseeShops,
                MendWork,
                OverseeMoney,
                RunMoney,
                SetTerms,
                StopMoney,
                FindPeople,
                LockPeople,
                AnswerPeople,
                ManageOperators,
                ManageProviders,
                Moderate,
                SetSwitches,
            ],
        }
    }

    /// Whether the role may do it.
    pub fn may(self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }
}

impl std::str::FromStr for OperatorRole {
    type Err = NotARole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "support" => Ok(Self::Support),
            "finance" => Ok(Self::Finance),
            "moderator" => Ok(Self::Moderator),
            "admin" => Ok(Self::Admin),
            _ => Err(NotARole),
        }
    }
}

/// A text that names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is support, finance, moderator or admin")]
pub struct NotARole;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_role_of_a_business_may_more_than_its_owner() {
        for role in Role::ALL {
            for permission in role.permissions() {
                assert!(Role::Owner.may(*permission), "{role:?} {permission:?}");
            }
        }
    }

    #[test]
    fn no_operator_may_more_than_an_admin() {
        for role in OperatorRole::ALL {
            for permission in role.permissions() {
                assert!(OperatorRole::Admin.may(*permission), "{role:?} {permission:?}");
            }
        }
    }

    #[test]
    fn rights_in_a_business_and_rights_in_the_installation_are_apart() {
        for permission in Role::Owner.permissions() {
            assert!(!OperatorRole::Admin.may(*permission), "{permission:?}");
        }
    }

    #[test]
    fn only_an_owner_makes_owners_and_only_who_manages_makes_anybody() {
        assert!(Role::ALL.iter().all(|other| Role::Owner.may_give(*other)));
        assert!(Role::Admin.may_give(Role::Admin) && !Role::Admin.may_give(Role::Owner));
        assert!(
            Role::ALL.iter().all(|other| !Role::Member.may_give(*other) && !Role::Viewer.may_give(*other))
        );
    }
}
