//! [`Further`]: what a visitor can ask of the engine about an answer, once.

/// How it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Further<T> {
    /// Nobody has asked for it.
    #[default]
    Off,
    /// The engine is at it.
    Waiting,
    /// It is there.
    There(T),
    /// It came to nothing, and can be asked for again.
    Failed,
}

impl<T> Further<T> {
    /// It is asked for from now on; false if it has been.
    pub fn begin(&mut self) -> bool {
        let can = matches!(self, Self::Off | Self::Failed);
        if can {
            *self = Self::Waiting;
        }
        can
    }

    /// It has come, if it was waited for; nothing has, if it came to nothing.
    pub fn come(&mut self, what: Option<T>) {
        if self.is_waiting() {
            *self = what.map_or(Self::Failed, Self::There);
        }
    }

    /// Whether it is waited for.
    pub fn is_waiting(&self) -> bool {
        matches!(self, Self::Waiting)
    }

    /// It, if it is there.
    pub fn there(&self) -> Option<&T> {
        if let Self::There(what) = self { Some(what) } else { None }
    }
}
