//! [`Refusal`]: why a program does not get what it asked for.

use serde::Serialize;

use crate::page::supervisor::Problem;
use crate::protocol::{ErrorCode, WorkerError};

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The engine's own.
    Engine(ErrorCode),
    /// What is asked for makes no sense.
    Request,
    /// There is no such run, or nothing of it that could be had.
    NoRun,
    /// Something is in progress that does not go together with it.
    Busy,
    /// It was stopped, or given up, by somebody.
    Cancelled,
    /// The golden check found a number that is wrong.
    WrongNumbers,
}

impl Code {
    /// Its name, such as `device-lost`.
    pub fn name(self) -> String {
        match self {
            Self::Engine(code) => {
                let name = serde_json::to_value(code).ok();
                name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
            }
            Self::Request => "request".to_owned(),
            Self::NoRun => "no-run".to_owned(),
            Self::Busy => "busy".to_owned(),
            Self::Cancelled => "cancelled".to_owned(),
            Self::WrongNumbers => "wrong-numbers".to_owned(),
        }
    }
}

/// Why a program does not get what it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which kind.
    pub code: Code,
    /// What happened, in English: a program's log is read by its author.
    pub message: String,
    /// The run that it is about, if there is one: what it measured can be had.
    pub run: Option<u32>,
}

impl Refusal {
    /// A refusal.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), run: None }
    }

    /// What is asked for makes no sense.
    pub fn request(message: impl Into<String>) -> Self {
        Self::new(Code::Request, message)
    }

    /// The same, about a run.
    #[must_use]
    pub fn of_run(self, run: u32) -> Self {
        Self { run: Some(run), ..self }
    }
}

impl From<&Problem> for Refusal {
    fn from(problem: &Problem) -> Self {
        Self::new(Code::Engine(problem.code), problem.message.clone())
    }
}

impl From<&WorkerError> for Refusal {
    fn from(error: &WorkerError) -> Self {
        Self::new(Code::Engine(error.code), error.message.clone())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_protocol_and_some_more() {
        assert_eq!(Code::Engine(ErrorCode::NoGpu).name(), "no-gpu");
        assert_eq!(Code::Engine(ErrorCode::DeviceLost).name(), "device-lost");
        assert_eq!(serde_json::to_string(&Code::WrongNumbers).unwrap(), "\"wrong-numbers\"");
    }
}
