//! Drop copies: reports of an account's orders that go to others than the session of the order.

use wire::{event::Event, types::AccountId};

use crate::config::Watch;

/// Who gets copies of whose reports: places in the gateway's list of sessions.
#[derive(Debug)]
pub(crate) struct Copies {
    /// Those who watch every account.
    of_all: Vec<usize>,
    /// Of each account, those who watch it by its name.
    by_account: Vec<Vec<usize>>,
}

impl Copies {
    /// Of sessions with these watches, in a venue with so many accounts.
    pub(crate) fn new<'w>(watches: impl Iterator<Item = Option<&'w Watch>>, accounts: usize) -> Copies {
        let mut copies = Copies { of_all: Vec::new(), by_account: vec![Vec::new(); accounts] };
        for (place, watch) in watches.enumerate() {
            match watch {
                None => {}
                Some(Watch::All) => copies.of_all.push(place),
                Some(Watch::Accounts(accounts)) => {
                    for account in accounts {
                        if let Some(watchers) = copies.by_account.get_mut(account.0 as usize) {
                            watchers.push(place);
                        }
                    }
                }
            }
        }
        copies
    }

    /// Who gets a copy of the report of `event`: the event's account says it, whatever session, protocol or gateway the
    /// order came by.
    #[inline]
    pub(crate) fn of(&self, event: &Event) -> impl Iterator<Item = usize> {
        let account = if event.is_copied() { self.watching(event.account) } else { (&[][..], &[][..]) };
        account.0.iter().chain(account.1).copied()
    }

    /// Who watches `account`: by its name, and all.
    #[inline]
    fn watching(&self, account: AccountId) -> (&[usize], &[usize]) {
        let named = self.by_account.get(account.0 as usize).map_or(&[][..], Vec::as_slice);
        (named, &self.of_all)
    }
}
