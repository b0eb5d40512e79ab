//! `#[state(…)]` on the struct.

use syn::{Attribute, ExprPath, Ident, LitInt, Path, Type};

use crate::errors::Errors;
use crate::meta;

#[derive(Default)]
pub(super) struct Options {
    pub(super) context: Option<Type>,
    pub(super) event: Option<Type>,
    pub(super) migrate: Option<ExprPath>,
    pub(super) update: Option<Ident>,
    version: Option<LitInt>,
    transient: Option<Path>,
}

impl Options {
    pub(super) fn read(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = Self::default();
        for attribute in attributes {
            if attribute.path().is_ident("reduce") {
                errors.at(attribute, "`reduce` belongs on a field");
            } else if attribute.path().is_ident("state") {
                options.read_one(attribute, errors);
            }
        }
        options.check(errors);
        options
    }

    /// The version of the stored form. What is no number was reported by [`Self::read`].
    pub(super) fn version(&self) -> u32 {
        self.version.as_ref().and_then(|number| number.base10_parse().ok()).unwrap_or(1)
    }

    pub(super) fn is_transient(&self) -> bool {
        self.transient.is_some()
    }

    fn read_one(&mut self, attribute: &Attribute, errors: &mut Errors) {
        let read = attribute.parse_nested_meta(|argument| match meta::key(&argument).as_str() {
            "context" => meta::value(&mut self.context, &argument, errors),
            "event" => meta::value(&mut self.event, &argument, errors),
            "version" => meta::value(&mut self.version, &argument, errors),
            "migrate" => meta::value(&mut self.migrate, &argument, errors),
            "update" => meta::value(&mut self.update, &argument, errors),
            "transient" => {
                self.transient = Some(argument.path);
                Ok(())
            }
            "ephemeral" => meta::refuse(&argument, "`ephemeral` belongs on a field", errors),
            _ => meta::refuse(
                &argument,
                "unknown: there are `context`, `event`, `version`, `migrate`, `update` and \
                 `transient`",
                errors,
            ),
        });
        errors.take(read);
    }

    fn check(&self, errors: &mut Errors) {
        if let Some(number) = &self.version {
            errors.take(number.base10_parse::<u32>());
        }
        if self.is_transient() {
            let why = "a transient state is not stored: it has no version and no migration";
            if let Some(version) = &self.version {
                errors.at(version, why);
            }
            if let Some(migrate) = &self.migrate {
                errors.at(migrate, why);
            }
        }
    }
}
