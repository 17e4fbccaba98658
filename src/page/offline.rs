//! Whether the page opens without a network: what the service worker (`www/sw.js`) and the browser tell of it.

use serde::Deserialize;

/// How it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Offline {
    /// Nobody has been asked yet.
    #[default]
    Unknown,
    /// The browser keeps no sites here.
    Unable,
    /// The site is being kept.
    Keeping,
    /// All of it is kept: page, engine, charts, model.
    Kept,
    /// Another build is kept, too, and is used from the next reload on.
    Update,
    /// It could not be kept.
    Refused(Reason),
}

/// Why the site could not be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The browser gives no room for it.
    Storage,
    /// A file did not come.
    Network,
    /// In the place of a file something else came.
    Content,
}

/// What is told (`www/offline.mjs`, `www/sw.js`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Heard {
    /// The browser has no service workers here, or refuses them.
    Unable,
    /// The site is being kept for the first time.
    Keeping,
    /// All of it is there.
    Kept,
    /// Another build is complete.
    Waiting,
    /// Something is missing.
    Refused {
        /// Why.
        reason: Reason,
        /// It is a build that was to be kept, and not what is in use.
        installing: bool,
    },
}

impl Offline {
    /// How it stands after this was told.
    pub fn after(self, heard: Heard) -> Self {
        match (heard, self) {
            (Heard::Waiting, _) => Self::Update,
            // That this page's build is whole does not take back that another one waits.
            (Heard::Kept, Self::Update) => Self::Update,
            (Heard::Kept, _) => Self::Kept,
            // A build that could not be kept leaves the one that is.
            (Heard::Refused { installing: true, .. }, Self::Kept | Self::Update) => self,
            (Heard::Refused { reason, .. }, _) => Self::Refused(reason),
            (Heard::Keeping, _) => Self::Keeping,
            (Heard::Unable, _) => Self::Unable,
        }
    }

    /// Its name for style sheets and tests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Unable => "unable",
            Self::Keeping => "keeping",
            Self::Kept => "kept",
            Self::Update => "update",
            Self::Refused(_) => "refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(told: &[&str]) -> Offline {
        told.iter().fold(Offline::default(), |state, json| state.after(serde_json::from_str(json).unwrap()))
    }

    const KEPT: &str = r#"{"kind": "kept"}"#;
    const WAITING: &str = r#"{"kind": "waiting"}"#;

    #[test]
    fn a_first_visit_ends_with_a_site_that_is_kept() {
        assert_eq!(after(&[r#"{"kind": "keeping"}"#]), Offline::Keeping);
        assert_eq!(after(&[r#"{"kind": "keeping"}"#, KEPT]), Offline::Kept);
    }

    #[test]
    fn another_build_waits_whatever_is_told_of_this_one() {
        assert_eq!(after(&[KEPT, WAITING]), Offline::Update);
        assert_eq!(after(&[WAITING, KEPT]), Offline::Update);
    }

    #[test]
    fn a_build_that_cannot_be_kept_leaves_the_one_that_is() {
        let refused = r#"{"kind": "refused", "reason": "storage", "installing": true}"#;
        assert_eq!(after(&[KEPT, refused]), Offline::Kept);
        assert_eq!(after(&[refused]), Offline::Refused(Reason::Storage));
    }

    #[test]
    fn what_the_browser_threw_away_is_told() {
        let lost = r#"{"kind": "refused", "reason": "network", "installing": false}"#;
        assert_eq!(after(&[KEPT, lost]), Offline::Refused(Reason::Network));
    }

    #[test]
    fn a_message_of_another_build_may_say_more_and_nonsense_is_none() {
        assert_eq!(after(&[r#"{"kind": "kept", "build": "1"}"#]), Offline::Kept);
        for nonsense in ["null", "{}", r#"{"kind": "lost"}"#, r#"{"kind": "refused"}"#] {
            assert!(serde_json::from_str::<Heard>(nonsense).is_err(), "{nonsense}");
        }
    }
}
