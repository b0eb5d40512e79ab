import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { Loaded } from '@/components/ui/loaded';
import { Row, Rows } from '@/components/ui/rows';
import type { BudgetState, Me, Spender } from '@/lib/api/identity-types';
import { may } from '@/lib/api/me';
import { amount } from '@/lib/format';
import { moment } from '@/lib/time';
import { useApiKeys, useBudgets, useChatbots, useDeleteBudget, useMembers } from './api';
import { BudgetDialog } from './budget-dialog';

/** Whom a budget can be for, by kind and id. */
export interface Spenders {
  user: ReadonlyMap<string, string>;
  chatbot: ReadonlyMap<string, string>;
  api_key: ReadonlyMap<string, string>;
}

function useSpenders(id: string): Spenders {
  const members = useMembers(id).data ?? [];
  const chatbots = useChatbots().data?.items ?? [];
  const apiKeys = useApiKeys(id).data?.items ?? [];
  return {
    user: new Map(members.map((member) => [member.user_id, member.full_name ?? member.username])),
    chatbot: new Map(chatbots.map(({ id: chatbotId, name }) => [chatbotId, name])),
    api_key: new Map(apiKeys.map(({ id: keyId, name }) => [keyId, name])),
  };
}

/** How much may be spent, and where that stands. */
export function Budgets({ me }: { me: Me }) {
  const { t } = useTranslation();
  const { id } = me.workspace;
  const budgets = useBudgets(id);
  const spenders = useSpenders(id);
  const remove = useDeleteBudget(id);
  const [setting, setSetting] = useState(false);
  const [doomed, setDoomed] = useState<BudgetState | null>(null);
  const writes = may(me, 'budgets:write');
  return (
    <Loaded query={budgets}>
      {({ items }) => (
        <div className="flex flex-col items-start gap-3">
          <div className="w-full">
            <Rows label={t('budgets.title')} empty={t('budgets.none')}>
              {items.map((state) => (
                <BudgetRow
                  key={state.budget.id}
                  state={state}
                  name={spenderName(spenders, state.budget.spender) ?? me.workspace.name}
                  {...(writes && { onDelete: () => setDoomed(state) })}
                />
              ))}
            </Rows>
          </div>
          {writes && (
            <Button look="primary" onClick={() => setSetting(true)}>
              <Plus aria-hidden className="size-3.5" />
              {t('budgets.set')}
            </Button>
          )}
          {setting && (
            <BudgetDialog
              workspace={me.workspace}
              spenders={spenders}
              onClose={() => setSetting(false)}
            />
          )}
          {doomed && (
            <Confirm
              title={t('budgets.deleteTitle')}
              text={t('budgets.deleteText')}
              action={t('budgets.delete')}
              busy={remove.isPending}
              error={remove.error}
              onClose={() => setDoomed(null)}
              onConfirm={() =>
                remove.mutate(doomed.budget.id, { onSuccess: () => setDoomed(null) })
              }
            />
          )}
        </div>
      )}
    </Loaded>
  );
}

/** Null for the workspace itself. */
function spenderName(spenders: Spenders, spender: Spender): string | null {
  if (spender === 'workspace') return null;
  const [kind, id] = Object.entries(spender)[0] as [keyof Spenders, string];
  return spenders[kind].get(id) ?? id;
}

interface BudgetRowProps {
  state: BudgetState;
  name: string;
  onDelete?: () => void;
}

function BudgetRow({ state, name, onDelete }: BudgetRowProps) {
  const { t } = useTranslation();
  const { budget, spent, reserved, left, renews_at } = state;
  const kind = typeof budget.spender === 'string' ? budget.spender : Object.keys(budget.spender)[0];
  const show = (value: number) => amount(value, budget.unit);
  return (
    <Row
      title={t('budgets.name', { name, all: show(budget.amount) })}
      sub={`${t(`budgetOf.${kind}_${budget.period}`)} · ${t('budgets.renews', { time: moment(renews_at) })}`}
      actions={
        onDelete && (
          <Button aria-label={t('budgets.deleteOf', { name })} onClick={onDelete}>
            {t('budgets.delete')}
          </Button>
        )
      }
    >
      <Bar
        spent={spent}
        reserved={reserved}
        all={budget.amount}
        label={t('budgets.bar', { name })}
      />
      <p className="mt-1.5 text-ink-2 text-sm tabular">
        {t('budgets.state', { spent: show(spent), reserved: show(reserved), left: show(left) })}
      </p>
    </Row>
  );
}

interface BarProps {
  spent: number;
  reserved: number;
  all: number;
  label: string;
}

function Bar({ spent, reserved, all, label }: BarProps) {
  const share = (value: number) => (all === 0 ? 100 : Math.min(100, (value / all) * 100));
  const used = share(spent);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a meter element cannot show two shares
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share(spent + reserved))}
      className="mt-2 flex h-2 overflow-hidden rounded-full bg-hover"
    >
      <div className={used >= 90 ? 'bg-danger' : 'bg-accent'} style={{ width: `${used}%` }} />
      <div
        className="bg-accent/40"
        style={{ width: `${Math.min(100 - used, share(reserved))}%` }}
      />
    </div>
  );
}
