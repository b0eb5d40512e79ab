//! The ledger: what is set aside, taken and freed, also when much happens at once; and the sums
//! of what was used.

use std::time::Duration;

use futures_util::future::join_all;
use vpaura_domain::{
    ApiKey, ApiKeyId, Budget, BudgetId, BudgetPeriod, BudgetState, BudgetUnit, BuiltinRole, Owner,
    Permission, PermissionSet, Run, RunStatus, Scope, Spender, Usage, UserId, Visibility,
    WorkspaceId,
};
use vpaura_store::{
    AuditFilter, FinishRun, NewApiKey, NewRun, Reserve, Spend, Started, StoreError, SuspendRun,
    UsageBy, UsageFilter, UsageGroup,
};

use crate::conformance;
use crate::db::TestDb;
use crate::fixtures::USAGE;

const DAY: i64 = 24 * 60 * 60 * 1_000;

impl TestDb {
    async fn budget(&self, spender: Spender, unit: BudgetUnit, amount: u64) -> Budget {
        self.budget_for(spender, BudgetPeriod::Day, unit, amount).await.unwrap()
    }

    async fn budget_for(
        &self,
        spender: Spender,
        period: BudgetPeriod,
        unit: BudgetUnit,
        amount: u64,
    ) -> vpaura_store::Result<Budget> {
        let id = BudgetId::generate(&*self.ids);
        let budget = Budget { id, spender, period, unit, amount, created_at: self.now() };
        self.store.set_budget(&Scope::operator(), &budget, &self.entry("budget.set")).await
    }

    async fn states(&self) -> Vec<BudgetState> {
        self.store.budget_states(&Scope::operator(), self.now()).await.unwrap()
    }

    /// Spent, reserved and left of the first budget.
    async fn ledger(&self) -> (u64, u64, u64) {
        let state = self.states().await[0];
        (state.spent, state.reserved, state.left)
    }

    /// A run in a conversation of its own that sets `most` aside of the budgets.
    async fn reserving(&self, scope: &Scope, budgets: &[Budget], most: Spend) -> NewRun {
        let conversation = self.new_conversation(scope);
        let mut new = self.new_run(scope, conversation.id, None, "q");
        new.conversation = Some(conversation);
        new.reserve = Reserve { budgets: budgets.to_vec(), most };
        new
    }

    /// A key of the member's with a budget of its own.
    async fn limited_key(&self, maker: &Scope) -> ApiKeyId {
        let id = ApiKeyId::generate(&*self.ids);
        let new = NewApiKey {
            key: ApiKey {
                id,
                name: "Website".to_owned(),
                prefix: "vpk_x".to_owned(),
                user_id: maker.user_id().unwrap(),
                permissions: PermissionSet::of(&[Permission::ChatRead]),
                chatbot_ids: None,
                created_at: self.now(),
                expires_at: None,
                last_used_at: None,
            },
            hash: format!("hash-{id}"),
            entry: self.entry("api_key.created"),
        };
        self.store.create_api_key(maker, new, None).await.unwrap();
        self.budget(Spender::ApiKey(id), BudgetUnit::Tokens, 10).await;
        id
    }

    fn settling(&self, run: &Run, usage: Usage) -> FinishRun {
        FinishRun { usage, has_reserved: true, ..self.ending(run, "answer") }
    }
}

const fn tokens(tokens: u64) -> Spend {
    Spend { tokens, money: 0 }
}

fn refusal(outcome: vpaura_store::Result<Run>) -> Option<BudgetState> {
    match outcome {
        Err(StoreError::BudgetExceeded { state, .. }) => Some(*state),
        _ => None,
    }
}

conformance! {
    async fn what_is_set_aside_is_settled_with_what_was_taken(db: TestDb) {
        let (_, scope) = db.session().await;
        let of_tokens = db.budget(Spender::Workspace, BudgetUnit::Tokens, 100).await;
        let of_money = db.budget(Spender::Workspace, BudgetUnit::Money, 1_000).await;
        let most = Spend { tokens: 60, money: 900 };
        let new = db.reserving(&scope, &[of_tokens, of_money], most).await;
        let run = db.start(&scope, new).await.unwrap();
        assert_eq!(db.ledger().await, (0, 60, 40));
        let another = db.reserving(&scope, &[of_tokens, of_money], tokens(41)).await;
        let state = refusal(db.start(&scope, another.clone()).await).expect("refused");
        assert_eq!((state.budget.id, state.left, state.reserved), (of_tokens.id, 40, 60));
        assert_eq!(db.store.get_run(&scope, another.run.id).await.unwrap(), None);
        let ended = db.store.finish_run(db.settling(&run, USAGE)).await.unwrap();
        assert_eq!(ended.status, RunStatus::Completed);
        assert_eq!(db.ledger().await, (15, 0, 85));
        assert_eq!(db.states().await[1].spent, 42);
        // Told twice, taken once.
        db.store.finish_run(db.settling(&run, USAGE)).await.unwrap();
        assert_eq!(db.ledger().await, (15, 0, 85));
    }

    async fn parallel_starts_never_take_more_than_there_is(db: TestDb) {
        let (_, scope) = db.session().await;
        let budgets = [
            db.budget(Spender::Workspace, BudgetUnit::Tokens, 105).await,
            db.budget_for(Spender::Workspace, BudgetPeriod::Month, BudgetUnit::Tokens, 1_000)
                .await
                .unwrap(),
        ];
        let mut starts = Vec::new();
        for turn in 0..40 {
            // In both orders: the store has its own.
            let mut order = budgets.to_vec();
            if turn % 2 == 0 {
                order.reverse();
            }
            starts.push(db.reserving(&scope, &order, tokens(10)).await);
        }
        let started = join_all(starts.into_iter().map(|new| {
            let db = db.clone();
            tokio::spawn(async move { db.start(&scope, new).await })
        }))
        .await;
        let runs: Vec<Run> = started.into_iter().filter_map(|it| match it.unwrap() {
            Ok(run) => Some(run),
            Err(StoreError::BudgetExceeded { .. }) => None,
            Err(error) => panic!("{error}"),
        }).collect();
        assert_eq!(runs.len(), 10);
        assert_eq!(db.ledger().await, (0, 100, 5));
        let usage = Usage { input: 3, output: 4, ..Usage::default() };
        let ended = join_all(runs.iter().map(|run| db.store.finish_run(db.settling(run, usage)))).await;
        assert!(ended.iter().all(Result::is_ok), "{ended:?}");
        assert_eq!(db.ledger().await, (70, 0, 35));
        assert_eq!(db.states().await[1].spent, 70);
    }

    async fn a_reservation_is_raised_or_the_raise_refused_whole(db: TestDb) {
        let (_, scope) = db.session().await;
        let day = db.budget(Spender::Workspace, BudgetUnit::Tokens, 100).await;
        let month = db.budget_for(Spender::Workspace, BudgetPeriod::Month, BudgetUnit::Tokens, 50);
        let month = month.await.unwrap();
        let new = db.reserving(&scope, &[day, month], tokens(20)).await;
        let run = db.start(&scope, new).await.unwrap();
        let raise = |total| db.store.raise_reservations(WorkspaceId::DEFAULT, run.id, tokens(total));
        raise(10).await.unwrap();
        assert_eq!(db.ledger().await, (0, 20, 80));
        raise(50).await.unwrap();
        raise(50).await.unwrap();
        assert_eq!(db.ledger().await, (0, 50, 50));
        let refused = raise(51).await;
        assert!(matches!(refused, Err(StoreError::BudgetExceeded { state, .. }) if state.budget.id == month.id));
        assert_eq!(db.ledger().await, (0, 50, 50));
        assert_eq!(db.states().await[1].reserved, 50);
        // A run without reservations has nothing to raise.
        let other = db.reserving(&scope, &[], tokens(0)).await;
        let other = db.start(&scope, other).await.unwrap();
        db.store.raise_reservations(WorkspaceId::DEFAULT, other.id, tokens(9_999)).await.unwrap();
        assert_eq!(db.ledger().await, (0, 50, 50));
    }

    async fn a_queued_run_that_is_stopped_frees_what_it_had_set_aside(db: TestDb) {
        let (_, scope) = db.session().await;
        let budget = db.budget(Spender::Workspace, BudgetUnit::Tokens, 100).await;
        let conversation = db.conversation(&scope).await;
        let mut new = db.queued(db.new_run(&scope, conversation, None, "q"));
        new.reserve = Reserve { budgets: vec![budget], most: tokens(30) };
        let run = db.start(&scope, new).await.unwrap();
        assert_eq!(db.ledger().await, (0, 30, 70));
        db.store.request_cancel(&scope, run.id, db.now()).await.unwrap();
        assert_eq!(db.ledger().await, (0, 0, 100));
    }

    async fn what_unfinished_runs_had_set_aside_is_settled_when_their_user_goes(db: TestDb) {
        let (user, member) = db.member(BuiltinRole::Member).await;
        let (_, another) = db.session().await;
        let budget = db.budget(Spender::Workspace, BudgetUnit::Tokens, 100).await;
        let new = db.reserving(&member, &[budget], tokens(30)).await;
        db.start(&member, new).await.unwrap();
        let new = db.reserving(&member, &[budget], tokens(20)).await;
        let waiting = db.start(&member, new).await.unwrap();
        let suspended = SuspendRun {
            run_id: waiting.id,
            workspace_id: WorkspaceId::DEFAULT,
            epoch: waiting.epoch,
            events: Vec::new(),
            usage: USAGE,
            now: db.now(),
        };
        db.store.suspend_run(suspended).await.unwrap();
        let new = db.reserving(&another, &[budget], tokens(5)).await;
        db.start(&another, new).await.unwrap();
        assert_eq!(db.ledger().await, (0, 55, 45));
        let told = db.told("user.deleted");
        assert!(db.store.delete_user(user, told, db.now()).await.unwrap());
        // What the waiting one had used was used.
        assert_eq!(db.ledger().await, (15, 5, 80));
    }

    async fn what_unfinished_runs_had_set_aside_is_free_when_they_are_purged(db: TestDb) {
        let (session, scope) = db.session().await;
        let budget = db.budget(Spender::Workspace, BudgetUnit::Tokens, 100).await;
        let new = db.reserving(&scope, &[budget], tokens(30)).await;
        let run = db.start(&scope, new).await.unwrap();
        let new = db.reserving(&scope, &[budget], tokens(20)).await;
        db.start(&scope, new).await.unwrap();
        assert_eq!(db.ledger().await, (0, 50, 50));
        let (_, stranger) = db.session().await;
        let foreign = db.store.purge_conversation(&stranger, run.conversation_id, &db.entry("conversation.deleted")).await;
        assert!(!foreign.unwrap());
        assert!(!db.store.purge_session(&stranger, session.id, None).await.unwrap());
        assert_eq!(db.ledger().await, (0, 50, 50));
        assert!(db.store.purge_conversation(&scope, run.conversation_id, &db.entry("conversation.deleted")).await.unwrap());
        assert_eq!(db.ledger().await, (0, 20, 80));
        assert!(db.store.purge_session(&scope, session.id, None).await.unwrap());
        assert_eq!(db.ledger().await, (0, 0, 100));
    }

    async fn budgets_go_with_their_keys_and_members(db: TestDb) {
        let (_, owner) = db.member(BuiltinRole::Owner).await;
        db.budget(Spender::Workspace, BudgetUnit::Tokens, 100).await;
        let (id, member) = db.member(BuiltinRole::Member).await;
        db.budget(Spender::User(id), BudgetUnit::Tokens, 10).await;
        let (first, _) = (db.limited_key(&member).await, db.limited_key(&member).await);
        assert_eq!(db.states().await.len(), 4);
        let told = db.entry("api_key.revoked");
        assert!(db.store.delete_api_key(&member, first, Some(id), &told, db.now()).await.unwrap());
        assert_eq!(db.states().await.len(), 3);
        let told = db.entry("member.removed");
        assert!(db.store.remove_member(&owner, id, &told, db.now()).await.unwrap());
        assert_eq!(db.states().await.len(), 1);

        let (id, member) = db.member(BuiltinRole::Member).await;
        db.budget(Spender::User(id), BudgetUnit::Tokens, 10).await;
        db.limited_key(&member).await;
        let (issuer, told) = ("https://id".to_owned(), db.told("identity.linked"));
        db.store.link_identity(id, issuer, "7".to_owned(), told, db.now()).await.unwrap();
        let left: Vec<_> = db.states().await.iter().map(|state| state.budget.spender).collect();
        assert_eq!(left, [Spender::Workspace, Spender::User(id)]);
        db.limited_key(&member).await;
        let told = db.told("user.deleted");
        assert!(db.store.delete_user(id, told, db.now()).await.unwrap());
        let left: Vec<_> = db.states().await.iter().map(|state| state.budget.spender).collect();
        assert_eq!(left, [Spender::Workspace]);
    }

    async fn a_period_ends_and_what_it_held_is_settled_there(db: TestDb) {
        let (_, scope) = db.session().await;
        let budget = db.budget(Spender::Workspace, BudgetUnit::Tokens, 100).await;
        let renews_at = db.states().await[0].renews_at;
        let new = db.reserving(&scope, &[budget], tokens(90)).await;
        let run = db.start(&scope, new).await.unwrap();
        db.clock.advance(renews_at.since(db.now()));
        assert_eq!(db.ledger().await, (0, 0, 100));
        let new = db.reserving(&scope, &[budget], tokens(50)).await;
        db.start(&scope, new).await.unwrap();
        db.store.finish_run(db.settling(&run, USAGE)).await.unwrap();
        assert_eq!(db.ledger().await, (0, 50, 50));
        let yesterday = db.now().plus(Duration::ZERO).millis() - 1;
        let yesterday = vpaura_domain::Timestamp::from_millis(yesterday);
        let before = db.store.budget_states(&scope, yesterday).await.unwrap();
        assert_eq!((before[0].spent, before[0].reserved), (15, 0));
    }

    async fn a_budget_is_replaced_keeps_what_was_spent_and_can_go(db: TestDb) {
        let (_, scope) = db.session().await;
        let first = db.budget(Spender::Workspace, BudgetUnit::Tokens, 100).await;
        let new = db.reserving(&scope, &[first], tokens(90)).await;
        let run = db.start(&scope, new).await.unwrap();
        let second = db.budget(Spender::Workspace, BudgetUnit::Tokens, 20).await;
        assert_eq!((second.id, second.amount), (first.id, 20));
        let set = AuditFilter { action: Some("budget.set".into()), ..AuditFilter::default() };
        let log = db.store.list_audit(Some(WorkspaceId::DEFAULT), &set, 10, None).await.unwrap();
        let told: Vec<_> = log.items.into_iter().map(|entry| entry.object_id).collect();
        assert_eq!(told, [Some(first.id.to_string()), Some(first.id.to_string())]);
        assert_eq!(db.ledger().await, (0, 90, 0));
        let entry = db.entry("budget.deleted");
        let operator = Scope::operator();
        assert!(db.store.delete_budget(&operator, first.id, &entry).await.unwrap());
        assert!(!db.store.delete_budget(&operator, first.id, &entry).await.unwrap());
        // Whoever still knows the budget is not held up by it.
        let new = db.reserving(&scope, &[first], tokens(90)).await;
        db.start(&scope, new).await.unwrap();
        db.store.finish_run(db.settling(&run, USAGE)).await.unwrap();
        assert_eq!(db.states().await, []);
    }

    async fn what_was_used_before_counts(db: TestDb) {
        let (_, scope) = db.session().await;
        let conversation = db.conversation(&scope).await;
        db.turn(&scope, conversation, None, "q").await;
        let budget = db.budget(Spender::Workspace, BudgetUnit::Tokens, 20).await;
        assert_eq!(db.ledger().await, (15, 0, 5));
        let new = db.reserving(&scope, &[budget], tokens(6)).await;
        assert!(refusal(db.start(&scope, new).await).is_some());
        db.budget(Spender::Workspace, BudgetUnit::Money, 100).await;
        assert_eq!(db.states().await[1].spent, 42);
    }

    async fn a_spender_is_somebody_of_the_workspace(db: TestDb) {
        let (user, _) = db.member(BuiltinRole::Member).await;
        let bot = db.chatbot("bot", Visibility::Workspace).await;
        db.budget(Spender::User(user), BudgetUnit::Tokens, 1).await;
        db.budget(Spender::Chatbot(bot.id), BudgetUnit::Tokens, 1).await;
        for nobody in [
            Spender::User(UserId::from_uuid(db.uuid())),
            Spender::Chatbot(vpaura_domain::ChatbotId::from_uuid(db.uuid())),
            Spender::ApiKey(vpaura_domain::ApiKeyId::from_uuid(db.uuid())),
        ] {
            let refused = db.budget_for(nobody, BudgetPeriod::Day, BudgetUnit::Tokens, 1).await;
            assert!(matches!(refused, Err(StoreError::SpenderMissing)), "{refused:?}");
        }
        let entry = db.entry("chatbot.deleted");
        db.store.delete_chatbot(&Scope::operator(), bot.id, &entry).await.unwrap();
        assert_eq!(db.states().await.len(), 1);
    }

    async fn a_start_told_twice_reserves_once(db: TestDb) {
        let (_, scope) = db.session().await;
        let budget = db.budget(Spender::Workspace, BudgetUnit::Tokens, 100).await;
        let new = db.reserving(&scope, &[budget], tokens(30)).await;
        for _ in 0..2 {
            let started = db.store.start_run(&scope, new.clone()).await.unwrap();
            assert!(matches!(started, Started::New(_)));
        }
        assert_eq!(db.ledger().await, (0, 30, 70));
    }

    async fn usage_is_added_up_by_anything(db: TestDb) {
        let (user, member) = db.member(BuiltinRole::Member).await;
        let (_, visitor) = db.session().await;
        let bot = db.chatbot("bot", Visibility::Workspace).await;
        for (scope, chatbot) in [(&member, Some(bot.id)), (&member, None), (&visitor, None)] {
            let mut new = db.reserving(scope, &[], tokens(0)).await;
            new.run.chatbot_id = chatbot;
            let run = db.start(scope, new).await.unwrap();
            db.store.finish_run(db.ending(&run, "answer")).await.unwrap();
            db.clock.advance(Duration::from_secs(24 * 60 * 60));
        }
        let today = db.now().millis().div_euclid(DAY);
        let report = async |by: &[UsageBy], owner| {
            let filter = UsageFilter { from: today - 3, to: today, owner, by: by.to_vec() };
            db.store.usage_report(&Scope::operator(), &filter, 100).await.unwrap()
        };
        let sum = |runs: u64| {
            let Usage { input, output, cached, cost } = USAGE;
            let usage = Usage {
                input: input * runs,
                output: output * runs,
                cached: cached * runs,
                cost: cost * runs,
            };
            UsageGroup { runs, usage, ..UsageGroup::default() }
        };
        assert_eq!(report(&[], None).await, [sum(3)]);
        let by_user = report(&[UsageBy::User], None).await;
        let (mine, theirs) = (&by_user[0], &by_user[1]);
        assert_eq!(*mine, UsageGroup { user_id: Some(user), username: Some(user.to_string()), ..sum(2) });
        assert_eq!(*theirs, sum(1));
        let by_day: Vec<_> = report(&[UsageBy::Day], None).await.into_iter().map(|it| it.day).collect();
        assert_eq!(by_day, [Some(today - 3), Some(today - 2), Some(today - 1)]);
        let all = [UsageBy::User, UsageBy::Model, UsageBy::Chatbot, UsageBy::Day, UsageBy::ApiKey];
        let finest = report(&all, None).await;
        assert_eq!(finest.len(), 3);
        assert_eq!(finest[0].chatbot_name.as_deref(), Some("bot"));
        assert_eq!(report(&[], Some(Owner::User(user))).await, [sum(2)]);
        let visitor = visitor.visitor().unwrap();
        assert_eq!(report(&[], Some(Owner::Session(visitor))).await, [sum(1)]);
        let filter = UsageFilter { from: today - 2, to: today - 2, owner: None, by: vec![] };
        let one_day = db.store.usage_report(&Scope::operator(), &filter, 100).await.unwrap();
        assert_eq!(one_day, [sum(1)]);
        let elsewhere = Scope::system(WorkspaceId::from_uuid(db.uuid()));
        let none = db.store.usage_report(&elsewhere, &filter, 100).await.unwrap();
        assert_eq!(none, [UsageGroup::default()]);
    }
}
