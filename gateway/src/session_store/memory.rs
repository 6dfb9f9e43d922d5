//! What a store needs of the memory it is in: so that tests can stop it at any store.

use shm::Region;

/// A [`Region`], or something like it.
pub(crate) trait Memory {
    /// [`Region::word`].
    fn word(&self, at: usize) -> u64;
    /// [`Region::set`].
    fn set(&mut self, at: usize, value: u64);
    /// [`Region::settle`].
    fn settle(&mut self);
    /// [`Region::bytes`].
    fn bytes(&self) -> &[u8];
    /// Stores into the bytes from `at` on.
    fn write(&mut self, at: usize, bytes: &[u8]);
}

impl Memory for Region {
    #[inline]
    fn word(&self, at: usize) -> u64 {
        Region::word(self, at)
    }

    #[inline]
    fn set(&mut self, at: usize, value: u64) {
        Region::set(self, at, value);
    }

    #[inline]
    fn settle(&mut self) {
        Region::settle(self);
    }

    #[inline]
    fn bytes(&self) -> &[u8] {
        Region::bytes(self)
    }

    #[inline]
    fn write(&mut self, at: usize, bytes: &[u8]) {
        self.bytes_mut()[at..at + bytes.len()].copy_from_slice(bytes);
    }
}
