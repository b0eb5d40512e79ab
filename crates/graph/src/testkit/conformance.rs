//! The contract of [`Store`], one check a sentence. A check panics where the store breaks it.

mod admin;
mod claims;
mod commits;
mod limits;
mod lines;
mod races;
mod records;
mod scribe;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;

use crate::store::Store;

/// Checks that a store keeps the contract. `make` answers a store for each check: a new one each
/// time, or always the same one, in which no thread has a name that begins with `check/`.
///
/// # Panics
///
/// Where the store does not do what the contract says; the message names the check.
pub async fn conformance<F, Fut>(make: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Arc<dyn Store>>,
{
    macro_rules! run {
        ($($module:ident { $($check:ident,)+ })+) => {$($(
            let checked = Box::pin($module::$check(make().await));
            if AssertUnwindSafe(checked).catch_unwind().await.is_err() {
                panic!("the store fails the check `{}::{}`", stringify!($module), stringify!($check));
            }
        )+)+};
    }
    run! {
        claims {
            a_new_thread_is_claimed_without_a_head,
            a_claim_tells_where_the_thread_stands,
            a_held_thread_is_busy_until_its_lease_lapses,
            a_held_thread_can_be_stolen,
            a_released_thread_is_free,
            a_renewed_lease_holds,
            a_superseded_lease_is_neither_renewed_nor_released,
            an_outer_epoch_counts_as_stealing,
            a_lower_outer_epoch_is_fenced,
            threads_are_claimed_apart,
        }
        records {
            records_come_back_in_the_order_of_writing,
            a_second_record_replaces_the_first_in_its_place,
            records_are_loaded_with_their_base_alone,
            put_writes_cleared_on_next_checkpoint,
            records_carried_hold_at_the_next_checkpoint,
            records_left_alone_stay_with_their_base,
            records_may_come_before_the_first_checkpoint,
            a_record_ahead_of_the_head_is_refused,
            a_superseded_lease_stores_no_record,
            a_lapsed_lease_still_stores_records,
            a_lease_made_by_hand_stores_records,
        }
        commits {
            a_commit_makes_the_thread_that_is_not_there,
            a_lease_made_by_hand_commits_and_gives_its_epoch,
            a_commit_moves_the_head_only_from_where_it_expects_it,
            a_superseded_lease_commits_nothing,
            a_lapsed_lease_still_commits,
            several_checkpoints_are_committed_at_once,
            a_fork_begins_at_a_checkpoint_that_is_there,
            the_highest_branch_is_remembered,
            what_does_not_hold_together_is_refused,
        }
        lines {
            a_thread_without_checkpoints_loads_as_none,
            a_line_begins_at_the_newest_snapshot,
            a_line_without_snapshot_begins_at_the_first,
            a_line_crosses_branches,
            a_checkpoint_of_another_branch_is_loaded_by_number,
            a_checkpoint_that_is_not_there_is_missing,
            history_is_paged_newest_first,
            history_tells_of_every_checkpoint,
        }
        admin {
            a_deleted_thread_is_gone_with_everything,
            a_superseded_lease_deletes_nothing,
            a_copy_is_whole_and_independent,
            a_copy_needs_a_source_and_a_free_name,
            pruning_drops_what_is_older,
            pruning_drops_branches_of_what_is_dropped,
            pruning_keeps_the_line_of_a_head_on_a_fork,
            pruning_is_fenced_and_on_the_heads_line,
        }
        limits {
            texts_come_back_byte_for_byte,
            big_bodies_are_kept,
            many_checkpoints_go_into_one_commit,
            names_of_up_to_255_bytes_are_kept_apart,
            other_names_are_refused,
            leases_may_be_long,
        }
        races {
            two_commits_race_and_one_wins,
            two_claims_race_and_one_wins,
            records_of_parallel_tasks_are_all_kept,
            threads_do_not_disturb_each_other,
        }
    }
}
