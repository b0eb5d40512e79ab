//! Pages of lists: keyset cursors, so that page 1,000 costs what page 1 costs and nothing is
//! skipped or doubled when rows are added meanwhile.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;
use vpaura_domain::{Listing, MAX_LIMIT, Page};

use crate::error::{Result, StoreError};

/// A row's place in a list that is ordered by a moment and an id, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) at: i64,
    pub(crate) id: Uuid,
}

impl Place {
    /// The opaque text given to callers.
    pub(crate) fn encode(self) -> String {
        let mut bytes = [0_u8; 24];
        bytes[..8].copy_from_slice(&self.at.to_be_bytes());
        bytes[8..].copy_from_slice(self.id.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads it back.
    pub(crate) fn decode(cursor: &str) -> Result<Self> {
        let bytes: [u8; 24] = URL_SAFE_NO_PAD
            .decode(cursor)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(StoreError::InvalidCursor)?;
        let (at, id) = bytes.split_at(8);
        let at = at.try_into().map_err(|_| StoreError::InvalidCursor)?;
        let id = Uuid::from_slice(id).map_err(|_| StoreError::InvalidCursor)?;
        Ok(Self { at: i64::from_be_bytes(at), id })
    }
}

/// One page of `select`, ordered by `at` and `id`, both descending. The total is counted for
/// the pages that have no cursor.
pub(crate) async fn page<C, E, M, T>(
    db: &C,
    select: Select<E>,
    (at, id): (E::Column, E::Column),
    page: &Page,
    place: fn(&M) -> Place,
) -> Result<Listing<T>>
where
    C: ConnectionTrait,
    E: EntityTrait<Model = M>,
    M: FromQueryResult + Sized + Send + Sync,
    T: TryFrom<M, Error = StoreError>,
{
    let limit = page.limit.clamp(1, MAX_LIMIT);
    let (rows, total) = match &page.cursor {
        Some(cursor) => {
            let after = Place::decode(cursor)?;
            let here = Expr::tuple([Expr::col(at.as_column_ref()), Expr::col(id.as_column_ref())]);
            let there = Expr::tuple([Expr::val(after.at), Expr::val(after.id)]);
            (select.filter(here.lt(there)), None)
        }
        None => {
            let total = select.clone().count(db).await?;
            (select.offset(page.offset), Some(total))
        }
    };
    let mut rows = rows
        .order_by(at, Order::Desc)
        .order_by(id, Order::Desc)
        // One more than asked for tells whether there is a next page.
        .limit(u64::from(limit) + 1)
        .all(db)
        .await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| more).map(|row| place(row).encode());
    let items = rows.into_iter().map(T::try_from).collect::<Result<_>>()?;
    Ok(Listing { items, total, next_cursor })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cursors_survive_the_round_trip(at: i64, id: u128) {
            let place = Place { at, id: Uuid::from_u128(id) };
            prop_assert_eq!(Place::decode(&place.encode()).ok(), Some(place));
        }

        #[test]
        fn any_other_text_is_refused_without_panic(text: String) {
            if let Ok(place) = Place::decode(&text) {
                prop_assert_eq!(place.encode(), text);
            }
        }
    }
}
