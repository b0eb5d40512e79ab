//! Makes documents visible: all of each at once, or nothing.

use std::collections::HashSet;

use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;
use vpaura_domain::{DocumentId, DocumentStatus, Timestamp};

use super::numbers::give_numbers;
use super::{CommitDocuments, Fetched, IndexedDocument};
use crate::codec::{self, Word, to_i64};
use crate::collections;
use crate::db::Tx;
use crate::documents::bury;
use crate::entities::chunk;
use crate::entities::document::{Column, Entity};
use crate::error::{Result, StoreError};
use crate::index::insert_segment;
use crate::store::Store;
use crate::writes::ROWS;

/// What a document's row says before the commit.
type Found = (Uuid, String, i64, Option<Uuid>, i64);

impl Store {
    /// Stores the chunks and the index of documents that this server has claimed, and makes them
    /// ready, in one transaction. What they showed before is replaced. Answers those that were
    /// still this server's; the others are as if they had not been named.
    pub async fn commit_documents(&self, commit: CommitDocuments) -> Result<Vec<DocumentId>> {
        let (workspace, now) = (commit.workspace_id, self.now());
        self.write(workspace, (commit, now), |tx, (commit, now)| Box::pin(run(tx, commit, *now)))
            .await
    }
}

async fn run(tx: &Tx, commit: &CommitDocuments, now: Timestamp) -> Result<Vec<DocumentId>> {
    let collection = commit.collection_id.uuid();
    if !collections::is_in_use(tx, commit.workspace_id, collection).await? {
        return Ok(Vec::new());
    }
    let found = find(tx, commit).await?;
    // A claim is committed once: so these are ours, and their commit was confirmed to nobody.
    let done = which(commit, &found, |status, _| status == DocumentStatus::Ready.word());
    if !done.is_empty() {
        return Ok(done.into_iter().map(|document| document.document_id).collect());
    }
    let ours = which(commit, &found, |status, owner| {
        status == DocumentStatus::Processing.word() && owner == Some(commit.server)
    });
    if ours.is_empty() {
        return Ok(Vec::new());
    }
    let all = commit.documents.iter().map(|document| document.chunks.len()).sum::<usize>();
    let all = u32::try_from(all).map_err(|_| StoreError::CollectionMissing)?;
    let first_no = give_numbers(tx, (commit.workspace_id, collection), all).await?;
    for document in &ours {
        let id = document.document_id.uuid();
        if found.iter().any(|row| row.0 == id && row.4 > 0) {
            bury(tx, collection, id).await?;
        }
        make_ready(tx, document, first_no, now).await?;
        if let Some(fetched) = &document.fetched {
            put_fetched(tx, id, fetched).await?;
        }
    }
    insert_chunks(tx, commit, &ours, first_no).await?;
    let shown: HashSet<u32> = ours.iter().flat_map(|document| places(document)).collect();
    for segment in &commit.segments {
        let range = segment.first..segment.first.saturating_add(segment.span);
        let shown = shown.iter().copied().filter(|place| range.contains(place)).collect();
        let place = (commit.workspace_id, collection, first_no);
        insert_segment(tx, place, segment, &shown, now).await?;
    }
    Ok(ours.into_iter().map(|document| document.document_id).collect())
}

/// The documents' rows, kept from others in the order of their ids.
async fn find(tx: &Tx, commit: &CommitDocuments) -> Result<Vec<Found>> {
    let ids = commit.documents.iter().map(|document| document.document_id.uuid());
    Ok(Entity::find()
        .select_only()
        .columns([Column::Id, Column::Status, Column::Attempt, Column::LeaseOwner, Column::Chunks])
        .filter(Column::Id.is_in(ids))
        .filter(Column::CollectionId.eq(commit.collection_id.uuid()))
        .order_by_asc(Column::Id)
        .lock(LockType::Update)
        .into_tuple()
        .all(tx)
        .await?)
}

/// The documents whose attempt is the present one and of which this is true.
fn which<'a>(
    commit: &'a CommitDocuments,
    found: &[Found],
    is_so: impl Fn(&str, Option<Uuid>) -> bool,
) -> Vec<&'a IndexedDocument> {
    let is_meant = |document: &&IndexedDocument| {
        found.iter().any(|(id, status, attempt, owner, _)| {
            *id == document.document_id.uuid()
                && *attempt == to_i64(document.attempt)
                && is_so(status, *owner)
        })
    };
    commit.documents.iter().filter(is_meant).collect()
}

async fn make_ready(
    tx: &Tx,
    document: &IndexedDocument,
    first_no: u32,
    now: Timestamp,
) -> Result<()> {
    let chunks = i64::try_from(document.chunks.len()).unwrap_or(i64::MAX);
    Entity::update_many()
        .col_expr(Column::Status, Expr::val(DocumentStatus::Ready.word()))
        .col_expr(Column::Error, Expr::val(None::<String>))
        .col_expr(Column::Chars, Expr::val(to_i64(document.chars)))
        .col_expr(Column::Pages, Expr::val(document.pages.map(i64::from)))
        .col_expr(Column::Notice, Expr::val(document.notice.clone()))
        .col_expr(Column::Chunks, Expr::val(chunks))
        .col_expr(Column::FirstNo, Expr::val(i64::from(first_no) + i64::from(document.first)))
        .col_expr(Column::Lost, Expr::val(0_i64))
        .col_expr(Column::LeaseOwner, Expr::val(None::<Uuid>))
        .col_expr(Column::LeaseUntil, Expr::val(0_i64))
        .col_expr(Column::UpdatedAt, Expr::val(now.millis()))
        .filter(Column::Id.eq(document.document_id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives the document what its chunks were made of.
async fn put_fetched(tx: &Tx, id: Uuid, fetched: &Fetched) -> Result<()> {
    let Fetched { content, rename } = fetched;
    Entity::update_many()
        .col_expr(Column::Sha256, Expr::val(content.sha256.as_str()))
        .col_expr(Column::MediaType, Expr::val(content.media_type.as_str()))
        .col_expr(Column::Size, Expr::val(to_i64(content.size)))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    if let Some(rename) = rename {
        Entity::update_many()
            .col_expr(Column::Name, Expr::val(rename.to.as_str()))
            .col_expr(Column::NameKey, Expr::val(rename.to.to_lowercase()))
            .filter(Column::Id.eq(id))
            .filter(Column::Name.eq(rename.from.as_str()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

async fn insert_chunks(
    tx: &Tx,
    commit: &CommitDocuments,
    documents: &[&IndexedDocument],
    first_no: u32,
) -> Result<()> {
    let mut rows = Vec::new();
    for document in documents {
        for (position, (place, new)) in (0_i64..).zip(places(document).zip(&document.chunks)) {
            rows.push(chunk::Model {
                collection_id: commit.collection_id.uuid(),
                no: i64::from(first_no) + i64::from(place),
                id: new.id.uuid(),
                workspace_id: commit.workspace_id.uuid(),
                document_id: document.document_id.uuid(),
                position,
                tokens: new.tokens.into(),
                enabled: true,
                edited: false,
                span: codec::to_text(&new.span, "chunks.span")?,
                headings: codec::to_text(&new.headings, "chunks.headings")?,
                text: new.text.clone(),
            });
        }
    }
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(ROWS));
        let some = rows.into_iter().map(IntoActiveModel::into_active_model);
        chunk::Entity::insert_many(some).exec_without_returning(tx).await?;
        rows = rest;
    }
    Ok(())
}

/// The places of the document's chunks among all of the commit.
fn places(document: &IndexedDocument) -> impl Iterator<Item = u32> {
    (document.first..).take(document.chunks.len())
}
