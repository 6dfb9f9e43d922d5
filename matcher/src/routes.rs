//! Which link's gateway a session is at home at, and which links get copies of whose reports: what the configuration says, which
//! is the same for the matcher and for each of its gateways.
//!
//! The matcher does not ask gateways for it: what happens before a gateway that has watchers speaks up, or while none of it is
//! there, is for its watchers too.

use wire::types::{AccountId, SessionId};

/// A venue's gateways as its matcher has to know them.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    /// Of each session, the link of its gateway. It is link 0 for those beyond the list's end.
    pub homes: Vec<u32>,
    /// Of each link, the accounts that sessions of its gateway watch.
    pub watched: Vec<Watched>,
}

/// Accounts that are watched by a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watched {
    /// All.
    All,
    /// These.
    Accounts(Vec<AccountId>),
}

/// Links, as the bits of their numbers.
pub(crate) type Links = u32;

/// Who watches which account.
#[derive(Debug, Default)]
pub(crate) struct Watchers {
    of_all: Links,
    by_account: Box<[Links]>,
}

impl Routes {
    /// The link of the session's gateway.
    pub(crate) fn home(&self, session: SessionId) -> u32 {
        self.homes.get(session.0 as usize).copied().unwrap_or_default()
    }

    /// Who watches which account.
    ///
    /// # Panics
    /// If there are more links than [`Links`] has bits.
    pub(crate) fn watchers(&self) -> Watchers {
        let (mut of_all, mut by_account) = (0, Vec::new());
        for (link, watched) in (0..).zip(&self.watched) {
            assert!(link < Links::BITS, "link {link} has no bit");
            match watched {
                Watched::All => of_all |= 1 << link,
                Watched::Accounts(accounts) => {
                    for account in accounts {
                        let place = account.0 as usize;
                        by_account.resize(by_account.len().max(place + 1), 0);
                        by_account[place] |= 1 << link;
                    }
                }
            }
        }
        Watchers { of_all, by_account: by_account.into() }
    }
}

impl Watchers {
    /// The links that watch `account`.
    #[inline]
    pub(crate) fn of(&self, account: AccountId) -> Links {
        self.of_all | self.by_account.get(account.0 as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_account_is_watched_by_the_links_that_name_it_and_those_that_name_none() {
        let named = |accounts: &[u32]| Watched::Accounts(accounts.iter().copied().map(AccountId).collect());
        let watched = vec![named(&[1, 2]), Watched::All, named(&[]), named(&[2])];
        let watchers = Routes { homes: Vec::new(), watched }.watchers();
        let of: Vec<_> = [0, 1, 2, 9].map(|account| watchers.of(AccountId(account))).into();
        assert_eq!(of, [0b0010, 0b0011, 0b1011, 0b0010]);
        assert_eq!(Watchers::default().of(AccountId(0)), 0);
    }

    #[test]
    fn a_session_without_a_home_is_at_the_first_link() {
        let routes = Routes { homes: vec![3, 1], watched: Vec::new() };
        let homes: Vec<_> = [0, 1, 2].map(|session| routes.home(SessionId(session))).into();
        assert_eq!(homes, [3, 1, 0]);
    }
}
