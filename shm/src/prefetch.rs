//! Telling the processor what will be read soon.

/// Starts fetching the cache line that `place` begins in, and waits for nothing. Changes nothing but how long a
/// later access takes; on processors without such an instruction, nothing at all.
#[inline(always)]
pub fn prefetch<T>(place: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // JUSTIFICATION: a table of names is larger than any cache near the core; fetched while the command before
        // is at work, its lines cost a fraction of what they cost when they are asked for.
        // SAFETY: the instruction reads nothing that the program sees and faults on no address, and this one is
        // that of a reference.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(core::ptr::from_ref(place).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}
