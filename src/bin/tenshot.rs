//! The command line. See [`tenshot::cli`].

fn main() -> std::process::ExitCode {
    tenshot::cli::main()
}
