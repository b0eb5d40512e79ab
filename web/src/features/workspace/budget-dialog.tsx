import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field, SelectField } from '@/components/ui/field';
import { Form, type Values } from '@/components/ui/form';
import type { BudgetTerms, Me, Spender } from '@/lib/api/identity-types';
import { useSetBudget } from './api';
import type { Spenders } from './budgets';

const KINDS = ['workspace', 'user', 'chatbot', 'api_key'] as const;
type Kind = (typeof KINDS)[number];
const DOLLAR = 1_000_000;

function termsOf(kind: Kind, values: Values): BudgetTerms {
  const { who = '', period, unit, amount } = values;
  const spender = (kind === 'workspace' ? 'workspace' : { [kind]: who }) as Spender;
  const money = unit === 'money';
  return {
    spender,
    period: period === 'day' ? 'day' : 'month',
    unit: money ? 'money' : 'tokens',
    amount: Math.round(Number(amount) * (money ? DOLLAR : 1)),
  };
}

interface BudgetDialogProps {
  workspace: Me['workspace'];
  spenders: Spenders;
  onClose: () => void;
}

/** Sets a budget; one for the same spender, period and unit takes the place of the former. */
export function BudgetDialog({ workspace, spenders, onClose }: BudgetDialogProps) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<Kind>('workspace');
  const [unit, setUnit] = useState('money');
  const set = useSetBudget(workspace.id);
  const names = kind === 'workspace' ? [] : [...spenders[kind]];
  const option = (value: string, label: string) => ({ value, label });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('budgets.set')}
      description={t('budgets.setText')}
      className="overflow-y-auto!"
    >
      <Form
        className="mt-4"
        submit={t('budgets.set')}
        busy={set.isPending}
        error={set.error}
        disabled={kind !== 'workspace' && names.length === 0}
        aside={<Button onClick={onClose}>{t('action.cancel')}</Button>}
        onSubmit={(values) => set.mutate(termsOf(kind, values), { onSuccess: onClose })}
      >
        <SelectField
          label={t('budgets.for')}
          value={kind}
          options={KINDS.map((name) => option(name, t(`spender.${name}`)))}
          onChange={(event) => setKind(event.target.value as Kind)}
        />
        {kind !== 'workspace' && (
          <SelectField
            key={kind}
            label={t(`spender.${kind}`)}
            name="who"
            options={names.map(([id, name]) => option(id, name))}
          />
        )}
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField
            label={t('budgets.period')}
            name="period"
            defaultValue="month"
            options={[option('day', t('budgets.day')), option('month', t('budgets.month'))]}
          />
          <SelectField
            label={t('budgets.unit')}
            name="unit"
            value={unit}
            options={[option('money', t('budgets.money')), option('tokens', t('budgets.tokens'))]}
            onChange={(event) => setUnit(event.target.value)}
          />
        </div>
        <Field
          label={t(unit === 'money' ? 'budgets.dollars' : 'budgets.tokens')}
          name="amount"
          type="number"
          required
          min={0}
          step={unit === 'money' ? 'any' : 1}
        />
      </Form>
    </Dialog>
  );
}
