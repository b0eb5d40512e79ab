import { Download } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Disclosure } from '@/components/ui/disclosure';
import { Field, SelectField } from '@/components/ui/field';
import { Loaded } from '@/components/ui/loaded';
import { Refusal } from '@/components/ui/refusal';
import { useAct } from '@/lib/api/hooks';
import type { Actor, AuditEntry, Member } from '@/lib/api/identity-types';
import { saveFrom } from '@/lib/download';
import { useDebounced } from '@/lib/hooks';
import { moment } from '@/lib/time';
import { type AuditFilter, auditPath, useAudit } from './api';

const NOTHING: AuditFilter = { actor_user_id: '', action: '', from: '', to: '' };
const TYPING_MS = 300;
const DAY_MS = 86_400_000;

interface AuditProps {
  /** None for the log of the installation. */
  workspaceId: string | null;
  members: readonly Pick<Member, 'user_id' | 'username' | 'full_name'>[];
}

/** Who did what, from where: to filter, to read on, and to take along. */
export function Audit({ workspaceId, members }: AuditProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(NOTHING);
  const settled = useDebounced(typed, TYPING_MS);
  // A day is meant whole: up to the first moment of the next.
  const filter = {
    ...settled,
    action: settled.action.trim(),
    from: settled.from && `${settled.from}T00:00:00Z`,
    to: settled.to && new Date(Date.parse(settled.to) + DAY_MS).toISOString(),
  };
  const entries = useAudit(workspaceId, filter);
  const take = useAct(() =>
    saveFrom(auditPath(workspaceId, filter, '/export'), 'vpaura-audit.ndjson'),
  );
  const change = (part: Partial<AuditFilter>) => setTyped({ ...typed, ...part });
  const names = new Map(
    members.map((member) => [member.user_id, member.full_name ?? member.username]),
  );
  return (
    <div className="flex flex-col gap-5">
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-4">
        <SelectField
          label={t('audit.actor')}
          value={typed.actor_user_id}
          options={[
            { value: '', label: t('audit.anybody') },
            ...[...names].map(([value, label]) => ({ value, label })),
          ]}
          onChange={(event) => change({ actor_user_id: event.target.value })}
        />
        <Field
          label={t('audit.action')}
          placeholder="member.role_changed"
          value={typed.action}
          maxLength={64}
          spellCheck={false}
          onChange={(event) => change({ action: event.target.value })}
        />
        <Field
          label={t('usage.from')}
          type="date"
          value={typed.from}
          onChange={(event) => change({ from: event.target.value })}
        />
        <Field
          label={t('usage.to')}
          type="date"
          value={typed.to}
          onChange={(event) => change({ to: event.target.value })}
        />
      </div>
      <div>
        <Button aria-disabled={take.isPending} onClick={() => take.mutate(undefined)}>
          <Download aria-hidden className="size-3.5" />
          {t('audit.export')}
        </Button>
        <Refusal error={take.error} className="mt-2" />
      </div>
      <Loaded query={entries}>
        {(items) =>
          items.length === 0 ? (
            <p className="text-ink-3">{t('audit.none')}</p>
          ) : (
            <ol aria-label={t('audit.title')} className="flex flex-col gap-2">
              {items.map((entry) => (
                <li key={entry.id}>
                  <Entry entry={entry} names={names} />
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
      {entries.hasNextPage && (
        <Button
          className="self-center"
          aria-disabled={entries.isFetchingNextPage}
          onClick={() => void entries.fetchNextPage()}
        >
          {t('page.more')}
        </Button>
      )}
    </div>
  );
}

type Names = ReadonlyMap<string, string>;

function Entry({ entry, names }: { entry: AuditEntry; names: Names }) {
  const { t } = useTranslation();
  const facts = [
    [t('audit.object'), [entry.object_kind, entry.object_id].filter(Boolean).join(' ')],
    [t('audit.address'), entry.ip_address],
    [t('audit.client'), entry.user_agent],
    [t('audit.request'), entry.request_id],
  ] as const;
  return (
    <Disclosure
      summary={
        <span className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-3 py-1.5">
          <code className="font-mono text-ink text-xs">{entry.action}</code>
          <span>{useActorName(entry.actor, names)}</span>
          <time dateTime={entry.at} className="ms-auto text-ink-3 text-xs tabular">
            {moment(entry.at)}
          </time>
        </span>
      }
    >
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-ink-3">{name}</dt>
              <dd className="min-w-0 break-all">{value}</dd>
            </div>
          ))}
      </dl>
      <pre className="mt-2 whitespace-pre-wrap break-all font-mono text-ink-2 text-xs">
        {JSON.stringify(entry.details, null, 2)}
      </pre>
    </Disclosure>
  );
}

function useActorName(actor: Actor, names: Names): string {
  const { t } = useTranslation();
  if (actor.kind === 'user') return names.get(actor.id) ?? actor.id;
  if (actor.kind === 'api_key') {
    return t('actor.api_key', { name: names.get(actor.user_id) ?? actor.user_id });
  }
  return t(`actor.${actor.kind}`);
}
