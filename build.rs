//! Names the build by what it was made from: a hash of the sources goes into `TENSHOT_SOURCES`, so that page and worker, and
//! two records, tell whether they are of one build. With the feature `site` it also lists the files of a built site, which become a
//! part of the program. For the browser's worker it compiles the innermost part of products, in two
//! ways.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// Everything that decides what the program does: code, data, dependencies, the bundled models.
const SOURCES: [&str; 5] = ["Cargo.lock", "Cargo.toml", "build.rs", "models", "src"];

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut files = BTreeMap::new();
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
        collect(&root, Path::new(source), &mut files)?;
    }
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    println!("cargo::rustc-env=TENSHOT_SOURCES={:016x}", hasher.finish());
    println!("cargo::rustc-check-cfg=cfg(kernel)");
    if env::var_os("CARGO_FEATURE_WORKER").is_some()
        && env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32")
    {
        kernels(&root)?;
    }
    println!("cargo::rerun-if-env-changed={SITE}");
    if env::var_os("CARGO_FEATURE_SITE").is_some() {
        pack(&root)?;
    }
    Ok(())
}

/// Compiles `src/llama/cpu/panel.rs` with plain and with relaxed SIMD, as WebAssembly programs of their own that work on the engine's memory.
fn kernels(root: &Path) -> io::Result<()> {
    for (name, features) in [("plain", "+simd128"), ("relaxed", "+simd128,+relaxed-simd")] {
        let file = out_dir().join(name).with_extension("wasm");
        let status = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
            .args(["--edition=2024", "--crate-type=cdylib", "--target=wasm32-unknown-unknown", "--cfg=kernel"])
            .args(["-Copt-level=3", "-Cpanic=abort", "-Cstrip=symbols"])
            .arg(format!("-Ctarget-feature={features}"))
            // Nothing in the engine's memory may be its own: a stack of no bytes at address 0 makes its first use a trap.
            .args(["-Clink-arg=--import-memory", "-Clink-arg=-zstack-size=0", "-Clink-arg=--global-base=0"])
            .arg("-o")
            .arg(&file)
            .arg(root.join("src/llama/cpu/panel.rs"))
            .status()?;
        if !status.success() {
            println!("cargo::error=src/llama/cpu/panel.rs could not be compiled with {features}");
            return Ok(());
        }
        if sections(&fs::read(&file)?).contains(&DATA) {
            println!("cargo::error=src/llama/cpu/panel.rs has data, which would overwrite the engine's");
        }
    }
    // The engine calls them through its table of functions, which has to grow for them.
    println!("cargo::rustc-link-arg=--growable-table");
    Ok(())
}

/// The number of a WebAssembly file's section with data for its memory.
const DATA: u8 = 11;

/// The numbers of a WebAssembly file's sections.
fn sections(wasm: &[u8]) -> Vec<u8> {
    let (mut found, mut rest) = (Vec::new(), wasm.get(8..).unwrap_or_default());
    while let [number, tail @ ..] = rest {
        found.push(*number);
        let digits = tail.iter().position(|byte| byte & 0x80 == 0).unwrap_or(0) + 1;
        let len = tail.iter().take(digits).rev().fold(0, |len, byte| len << 7 | usize::from(byte & 0x7f));
        rest = tail.get(digits + len..).unwrap_or_default();
    }
    found
}

/// Where what is made here lies.
fn out_dir() -> PathBuf {
    PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default())
}

/// Names the folder of the built site.
const SITE: &str = "TENSHOT_SITE";

/// Of each model the files that the program has anyway (`src/models/embedded.rs`).
const EMBEDDED: [&str; 4] = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"];

/// Writes the table of the site's files for `src/host/site.rs`.
fn pack(root: &Path) -> io::Result<()> {
    let Some(site) = env::var_os(SITE).map(PathBuf::from).filter(|site| site.join("index.html").is_file()) else {
        println!(
            "cargo::error=the feature `site` needs a built site: {SITE} names its folder; `cargo xtask bundle` does all of it"
        );
        return Ok(());
    };
    println!("cargo::rerun-if-changed={}", site.display());
    let mut files = BTreeMap::new();
    collect(&site, Path::new(""), &mut files)?;
    let mut table = String::from("&[\n");
    for (name, content) in files {
        let is_embedded =
            EMBEDDED.iter().any(|file| name.starts_with("models/") && name.ends_with(&format!("/{file}")));
        if is_embedded && fs::read(root.join(&name)).is_ok_and(|ours| ours == content) {
            continue;
        }
        table += &format!("    ({name:?}, include_bytes!({:?})),\n", site.join(&name));
    }
    table += "]\n";
    fs::write(out_dir().join("site.rs"), table)
}

/// The contents of all files at and below a path, by their paths with `/`, so that every platform has the same hash.
fn collect(root: &Path, path: &Path, files: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    let full = root.join(path);
    if full.is_dir() {
        for entry in fs::read_dir(full)? {
            collect(root, &path.join(entry?.file_name()), files)?;
        }
    } else {
        files.insert(path.to_string_lossy().replace('\\', "/"), fs::read(full)?);
    }
    Ok(())
}
