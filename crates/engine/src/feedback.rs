//! Gives a verdict on an answer. The last one of a principal counts.

use vpaura_domain::{Feedback, FeedbackId, FeedbackRating, MessageId, Permission, Scope};

use crate::{Engine, Error, Result, Thing};

const MAX_COMMENT_CHARS: usize = 2_000;

impl Engine {
    /// Stores the caller's verdict on an assistant's message, over an earlier one.
    pub async fn give_feedback(
        &self,
        scope: &Scope,
        message_id: MessageId,
        rating: FeedbackRating,
        comment: Option<String>,
    ) -> Result<Feedback> {
        scope.require(Permission::ChatWrite)?;
        let comment = comment.map(|c| c.trim().to_owned()).filter(|c| !c.is_empty());
        if let Some(comment) = &comment {
            let length = comment.chars().count();
            if length > MAX_COMMENT_CHARS {
                let reason =
                    format!("must be at most {MAX_COMMENT_CHARS} characters, this is {length}");
                return Err(Error::invalid("comment", reason));
            }
            if comment.contains('\0') {
                return Err(Error::invalid("comment", "must not contain the NUL character"));
            }
        }
        let now = self.clock.now();
        let feedback = Feedback {
            id: FeedbackId::generate(&*self.ids),
            message_id,
            session_id: scope.visitor(),
            feedback: rating,
            comment,
            created_at: now,
            updated_at: now,
        };
        self.store.put_feedback(scope, &feedback).await?.ok_or(Error::NotFound(Thing::Message))
    }
}
