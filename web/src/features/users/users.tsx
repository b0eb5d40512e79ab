import { Plus, Search } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { Field, SelectField } from '@/components/ui/field';
import { Loaded } from '@/components/ui/loaded';
import { Menu } from '@/components/ui/menu';
import { Refusal } from '@/components/ui/refusal';
import { Row, Rows, Tag } from '@/components/ui/rows';
import type { Me, User } from '@/lib/api/identity-types';
import { may } from '@/lib/api/me';
import { useDebounced } from '@/lib/hooks';
import { moment } from '@/lib/time';
import { useChangeUser, useRemoveUser, useUsers } from './api';
import { CreateUserDialog } from './create-user';

const TYPING_MS = 250;

/** Everybody who can sign in on this installation. */
export function Users({ me }: { me: Me }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [status, setStatus] = useState('');
  const users = useUsers(useDebounced(text.trim(), TYPING_MS), status);
  const change = useChangeUser();
  const remove = useRemoveUser();
  const [creating, setCreating] = useState(false);
  const [doomed, setDoomed] = useState<User | null>(null);
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end gap-3">
        <div className="relative min-w-0 flex-1 basis-56">
          <Search
            aria-hidden
            className="pointer-events-none absolute end-2.5 bottom-2.5 size-4 text-ink-3"
          />
          <Field
            label={t('users.search')}
            type="search"
            value={text}
            maxLength={200}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <SelectField
          label={t('users.status')}
          value={status}
          options={['', 'active', 'suspended'].map((value) => ({
            value,
            label: t(`userStatus.${value || 'any'}`),
          }))}
          onChange={(event) => setStatus(event.target.value)}
        />
        {may(me, 'users:write') && (
          <Button look="primary" className="h-9!" onClick={() => setCreating(true)}>
            <Plus aria-hidden className="size-3.5" />
            {t('users.create')}
          </Button>
        )}
      </div>
      <Refusal error={change.error} />
      <Loaded query={users}>
        {(items) => (
          <Rows label={t('users.title')} empty={t('users.none')}>
            {items.map((user) => (
              <UserRow
                key={user.id}
                user={user}
                me={me}
                onChange={(part) => change.mutate({ id: user.id, ...part })}
                onDelete={() => setDoomed(user)}
              />
            ))}
          </Rows>
        )}
      </Loaded>
      {users.hasNextPage && (
        <Button className="self-start" onClick={() => void users.fetchNextPage()}>
          {t('page.more')}
        </Button>
      )}
      {creating && <CreateUserDialog onClose={() => setCreating(false)} />}
      {doomed && (
        <Confirm
          title={t('users.deleteTitle', { name: doomed.username })}
          text={t('users.deleteText')}
          action={t('users.delete')}
          typed={doomed.username}
          busy={remove.isPending}
          error={remove.error}
          onClose={() => setDoomed(null)}
          onConfirm={() => remove.mutate(doomed.id, { onSuccess: () => setDoomed(null) })}
        />
      )}
    </div>
  );
}

interface UserRowProps {
  user: User;
  me: Me;
  onChange: (part: { status?: User['status']; is_owner?: boolean }) => void;
  onDelete: () => void;
}

function UserRow({ user, me, onChange, onDelete }: UserRowProps) {
  const { t } = useTranslation();
  const suspended = user.status === 'suspended';
  const items = [
    {
      label: t(suspended ? 'users.activate' : 'users.suspend'),
      run: () => onChange({ status: suspended ? 'active' : 'suspended' }),
    },
    {
      label: t(user.is_owner ? 'users.unmakeOwner' : 'users.makeOwner'),
      run: () => onChange({ is_owner: !user.is_owner }),
    },
    { label: t('users.delete'), danger: true, divided: true, run: onDelete },
  ];
  const label = t('users.actions', { name: user.username });
  return (
    <Row
      title={
        <>
          {user.full_name ?? user.username}
          {user.is_owner && <Tag tone="accent">{t('users.owner')}</Tag>}
          {suspended && <Tag tone="warn">{t('userStatus.suspended')}</Tag>}
          {user.has_second_factor && <Tag tone="good">{t('users.secondFactor')}</Tag>}
        </>
      }
      sub={[
        user.email,
        user.last_sign_in_at
          ? t('users.lastSignIn', { time: moment(user.last_sign_in_at) })
          : t('users.never'),
      ].join(' · ')}
      actions={
        may(me, 'users:write') &&
        user.id !== me.id && (
          <Menu
            label={label}
            items={items}
            trigger={<Button aria-label={label}>{t('users.change')}</Button>}
          />
        )
      }
    />
  );
}
