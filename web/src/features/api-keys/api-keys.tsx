import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { Loaded } from '@/components/ui/loaded';
import { Row, Rows, Tag } from '@/components/ui/rows';
import type { ApiKey, Me } from '@/lib/api/identity-types';
import { may } from '@/lib/api/me';
import { longDate, moment } from '@/lib/time';
import { useApiKeys, useRevokeKey } from './api';
import { CreateKeyDialog } from './create-key';

interface ApiKeysProps {
  me: Me;
  /** Only the user's own, or everybody's in the workspace. */
  own: boolean;
  /** Whose a key is, where that is known. */
  ownerName?: (userId: string) => string | undefined;
}

/** API keys of the present workspace: what they may do, and the way to revoke them. */
export function ApiKeys({ me, own, ownerName }: ApiKeysProps) {
  const { t } = useTranslation();
  const all = useApiKeys(me.workspace.id);
  const [creating, setCreating] = useState(false);
  const [doomed, setDoomed] = useState<ApiKey | null>(null);
  const revoke = useRevokeKey(me.workspace.id);
  return (
    <>
      <Loaded query={all}>
        {(items) => (
          <Rows label={t('apiKeys.title')} empty={t('apiKeys.none')}>
            {items
              .filter((key) => !own || key.user_id === me.id)
              .map((key) => (
                <KeyRow
                  key={key.id}
                  item={key}
                  owner={own ? undefined : (ownerName?.(key.user_id) ?? key.user_id)}
                  onRevoke={() => setDoomed(key)}
                />
              ))}
          </Rows>
        )}
      </Loaded>
      <div className="mt-3 flex gap-2">
        {all.hasNextPage && (
          <Button onClick={() => void all.fetchNextPage()}>{t('page.more')}</Button>
        )}
        {may(me, 'keys:write') && (
          <Button look="primary" onClick={() => setCreating(true)}>
            <Plus aria-hidden className="size-3.5" />
            {t('apiKeys.create')}
          </Button>
        )}
      </div>
      {creating && <CreateKeyDialog me={me} onClose={() => setCreating(false)} />}
      {doomed && (
        <Confirm
          title={t('apiKeys.revokeTitle', { name: doomed.name })}
          text={t('apiKeys.revokeText')}
          action={t('apiKeys.revoke')}
          busy={revoke.isPending}
          error={revoke.error}
          onClose={() => setDoomed(null)}
          onConfirm={() => revoke.mutate(doomed.id, { onSuccess: () => setDoomed(null) })}
        />
      )}
    </>
  );
}

interface KeyRowProps {
  item: ApiKey;
  owner: string | undefined;
  onRevoke: () => void;
}

function KeyRow({ item, owner, onRevoke }: KeyRowProps) {
  const { t } = useTranslation();
  const { expires_at, last_used_at } = item;
  const expired = expires_at ? new Date(expires_at) < new Date() : false;
  const facts = [
    owner,
    last_used_at ? t('apiKeys.used', { time: moment(last_used_at) }) : t('apiKeys.unused'),
    expires_at && t('apiKeys.expires', { date: longDate(expires_at) }),
    item.permissions.join(', '),
  ];
  return (
    <Row
      title={
        <>
          {item.name}
          <code className="font-mono text-ink-3 text-xs">{item.prefix}…</code>
          {expired && <Tag tone="warn">{t('apiKeys.expired')}</Tag>}
        </>
      }
      sub={facts.filter(Boolean).join(' · ')}
      actions={
        <Button aria-label={t('apiKeys.revokeTitle', { name: item.name })} onClick={onRevoke}>
          {t('apiKeys.revoke')}
        </Button>
      }
    />
  );
}
