//! Telling the processor and the kernel how memory will be used. Nothing here changes what a program does.

/// Starts fetching the cache line that `place` begins in, and waits for nothing. Changes nothing but how long a
/// later access takes; on processors without such an instruction, nothing at all.
#[inline(always)]
pub fn prefetch<T>(place: &T) {
    #[cfg(all(target_arch = "x86_64", not(miri)))] // the interpreter has no caches
    {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // JUSTIFICATION: a table of names is larger than any cache near the core; fetched while the command before
        // is at work, its lines cost a fraction of what they cost when they are asked for.
        // SAFETY: the instruction reads nothing that the program sees and faults on no address, and this one is
        // that of a reference.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(core::ptr::from_ref(place).cast()) };
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = place;
}

/// Asks the kernel to back `memory`, of which nothing has been touched yet, with huge pages: in a table of a hundred
/// megabytes that is read anywhere, most accesses otherwise wait for the page tables first. Does nothing where the
/// kernel has none to give.
pub fn huge_pages<T>(memory: &mut [T]) {
    const PAGE: usize = 4096;
    let range = memory.as_mut_ptr_range();
    let start = range.start.addr().next_multiple_of(PAGE);
    let bytes = (range.end.addr() & !(PAGE - 1)).saturating_sub(start);
    if bytes == 0 {
        return;
    }
    let start = range.start.with_addr(start).cast();
    // JUSTIFICATION: there is no other way to ask.
    // SAFETY: whole pages within `memory`, which is borrowed; the advice leaves their content alone.
    // A kernel that refuses leaves all as it was.
    let _refused = unsafe { rustix::mm::madvise(start, bytes, rustix::mm::Advice::LinuxHugepage) };
}
