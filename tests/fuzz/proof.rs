//! Targets that do what no target may: a guard that did not tell them would be worth nothing.

use std::hint::black_box;

use crate::mutate::Form;
use crate::table::Target;
use crate::targets::Verdict;

/// Each with what must be told of it.
pub const PROOFS: [(Target, &str); 5] = [
    (proof("panics", panics), "panic: "),
    (proof("panics-and-catches", panics_and_catches), "panic: "),
    (proof("overflows", overflows), "the stack overflows"),
    (proof("allocates", allocates), "it allocates more than a gigabyte"),
    (proof("never-ends", never_ends), "it takes more than a second"),
];

const fn proof(name: &'static str, body: fn(&[u8]) -> Verdict) -> Target {
    Target { name, body, form: Form::Text, inputs: 0, longest: 0, words: &[] }
}

fn panics(data: &[u8]) -> Verdict {
    assert!(data.is_empty(), "as it should");
    Ok(())
}

fn panics_and_catches(data: &[u8]) -> Verdict {
    std::panic::catch_unwind(|| panics(data)).unwrap_or(Ok(()))
}

fn overflows(data: &[u8]) -> Verdict {
    if black_box(data.is_empty()) {
        return Ok(());
    }
    let mut longer = black_box([0_u8; 1 << 10]);
    longer[0] = data.first().copied().unwrap_or_default();
    let verdict = overflows(&longer);
    black_box(longer);
    verdict
}

fn allocates(_: &[u8]) -> Verdict {
    let parts: Vec<Vec<u8>> = (0..64).map(|_| vec![0; 32 << 20]).collect();
    drop(black_box(parts));
    Ok(())
}

fn never_ends(_: &[u8]) -> Verdict {
    loop {
        black_box(0);
    }
}
