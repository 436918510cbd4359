//! Loops over many pixels, compiled several times: for the widest vectors that the
//! processor may have. Not for what branches at each pixel.

/// Does the work in the block as the processor does it best. Functions that it calls must be
/// `#[inline(always)]`: what is not inlined is compiled for all processors.
macro_rules! wide {
    ($work:block) => {
        fearless_simd::dispatch!(fearless_simd::Level::new(), _simd => $work)
    };
}

pub(crate) use wide;
