//! Contents of files and documents, which lie elsewhere under their hashes and are shared by
//! everybody: which of them nothing refers to any more.
//!
//! The database notes a content as released when a row that had it goes or gets another one,
//! whatever took the row (a trigger, see `m0007_released`). A released content stays noted until
//! somebody claimed it, looked whether any row of any workspace still refers to it, removed its
//! bytes where none does, and said so: whatever dies in between, the note stays and another looks.
//! Not bound to a workspace: this is the server's own doing.

use std::collections::HashSet;
use std::time::Duration;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement,
};
use uuid::Uuid;

use crate::Backend;
use crate::entities::released_content::{Column, Entity};
use crate::entities::{document, file};
use crate::error::Result;
use crate::store::Store;
use crate::within::Within;

/// As the triggers do. What nobody has claimed is to be looked at at once.
const RELEASE: &str = "INSERT INTO released_contents (sha256, claim, claimed_until, again)
    VALUES ($1, NULL, 0, FALSE) ON CONFLICT (sha256) DO UPDATE SET again = TRUE, claimed_until =
    CASE WHEN released_contents.claim IS NULL THEN 0 ELSE released_contents.claimed_until END";

impl Store {
    /// Notes a content before its bytes are put in their place: should no row follow within this
    /// time, they are looked at.
    pub async fn expect_content(&self, sha256: &str, within: Duration) -> Result<()> {
        let until = self.after(within);
        self.write_unsynced(Within::Installation, (sha256.to_owned(), until), |tx, input| {
            Box::pin(async move {
                let (sha256, until) = input;
                let sql = format!(
                    "INSERT INTO released_contents (sha256, claim, claimed_until, again)
                    VALUES ($1, NULL, {}, FALSE) ON CONFLICT (sha256) DO NOTHING",
                    until.sql(2)
                );
                let values = [sha256.as_str().into(), until.value().into()];
                let note = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
                tx.execute_raw(note).await?;
                Ok(())
            })
        })
        .await
    }

    /// Notes that a row with this content may have gone, or has never come.
    pub async fn release_content(&self, sha256: &str) -> Result<()> {
        self.write(Within::Installation, sha256.to_owned(), |tx, sha256| {
            Box::pin(async move {
                let backend = tx.get_database_backend();
                let values = [sha256.as_str().into()];
                tx.execute_raw(Statement::from_sql_and_values(backend, RELEASE, values)).await?;
                Ok(())
            })
        })
        .await
    }

    /// Claims up to `limit` released contents under this new id for this long; their hashes.
    pub async fn claim_released_contents(
        &self,
        claim: Uuid,
        limit: u32,
        lease: Duration,
    ) -> Result<Vec<String>> {
        let (now, until) = (self.at_once(), self.after(lease));
        // Mostly nothing waits, and to see that costs no place in the writers' line.
        let waits = self
            .read(Within::Installation, |db| {
                let now = now.clone();
                async move {
                    let sql = format!(
                        "SELECT 1 FROM released_contents WHERE claimed_until <= {} LIMIT 1",
                        now.sql(1)
                    );
                    let values = [now.value().into()];
                    let ask =
                        Statement::from_sql_and_values(db.get_database_backend(), sql, values);
                    Ok(db.query_one_raw(ask).await?.is_some())
                }
            })
            .await?;
        if !waits {
            return Ok(Vec::new());
        }
        let end = match self.backend() {
            Backend::Sqlite => "",
            Backend::Postgres => " FOR UPDATE SKIP LOCKED",
        };
        let input = (claim, limit, now, until);
        self.write_unsynced(Within::Installation, input, move |tx, input| {
            Box::pin(async move {
                let (claim, limit, now, until) = input;
                let sql = format!(
                    "UPDATE released_contents SET claim = $1, claimed_until = {until}, again = FALSE
                    WHERE sha256 IN (SELECT sha256 FROM released_contents
                        WHERE claimed_until <= {now} ORDER BY claimed_until, sha256 LIMIT $4{end})
                    RETURNING sha256",
                    until = until.sql(2),
                    now = now.sql(3),
                );
                let values = [
                    (*claim).into(),
                    until.value().into(),
                    now.value().into(),
                    i64::from(*limit).into(),
                ];
                let take = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
                let rows = tx.query_all_raw(take).await?;
                let hashes = rows.iter().map(|row| row.try_get("", "sha256"));
                Ok(hashes.collect::<Result<Vec<String>, _>>()?)
            })
        })
        .await
    }

    /// Of these contents, those that a file or a document of any workspace has.
    pub async fn contents_in_use(&self, hashes: &[String]) -> Result<HashSet<String>> {
        if hashes.is_empty() {
            return Ok(HashSet::new());
        }
        self.read(Within::Installation, |db| async move {
            let mut used: HashSet<String> = file::Entity::find()
                .select_only()
                .column(file::Column::Sha256)
                .filter(file::Column::Sha256.is_in(hashes))
                .into_tuple()
                .all(&db)
                .await?
                .into_iter()
                .collect();
            let by_documents: Vec<String> = document::Entity::find()
                .select_only()
                .column(document::Column::Sha256)
                .filter(document::Column::Sha256.is_in(hashes))
                .into_tuple()
                .all(&db)
                .await?;
            used.extend(by_documents);
            Ok(used)
        })
        .await
    }

    /// These contents of the claim have been looked at. What was released once more meanwhile is
    /// to be looked at again.
    pub async fn settle_released_contents(&self, claim: Uuid, hashes: Vec<String>) -> Result<()> {
        if hashes.is_empty() {
            return Ok(());
        }
        self.write_unsynced(Within::Installation, (claim, hashes), |tx, (claim, hashes)| {
            Box::pin(async move {
                let its = Condition::all()
                    .add(Column::Claim.eq(*claim))
                    .add(Column::Sha256.is_in(hashes.iter().cloned()));
                Entity::delete_many()
                    .filter(its.clone())
                    .filter(Column::Again.eq(false))
                    .exec(tx)
                    .await?;
                Entity::update_many()
                    .col_expr(Column::Claim, Expr::val(None::<Uuid>))
                    .col_expr(Column::ClaimedUntil, Expr::val(0_i64))
                    .filter(its)
                    .exec(tx)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}
