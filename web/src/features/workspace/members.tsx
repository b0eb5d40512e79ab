import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { SelectField } from '@/components/ui/field';
import { Loaded } from '@/components/ui/loaded';
import { Refusal } from '@/components/ui/refusal';
import { Row, Rows, Tag } from '@/components/ui/rows';
import type { Me, Member } from '@/lib/api/identity-types';
import { covers, may } from '@/lib/api/me';
import { longDate } from '@/lib/time';
import { useMembers, useRemoveMember, useRoles, useSetRole } from './api';
import { type RoleOption, roleName, roleOptions } from './role-options';

/** Who is in the workspace, as what. */
export function Members({ me }: { me: Me }) {
  const { t } = useTranslation();
  const { id } = me.workspace;
  const members = useMembers(id);
  const roles = roleOptions(t, useRoles(id).data, me.permissions);
  const setRole = useSetRole(id);
  const remove = useRemoveMember(id);
  const [doomed, setDoomed] = useState<Member | null>(null);
  return (
    <Loaded query={members}>
      {(items) => (
        <div className="flex flex-col gap-3">
          <Refusal error={setRole.error} />
          <Rows label={t('members.title')} empty={t('members.none')}>
            {items.map((member) => (
              <MemberRow
                key={member.user_id}
                me={me}
                member={member}
                roles={roles}
                busy={setRole.isPending}
                onRole={(role) => setRole.mutate({ userId: member.user_id, role })}
                onRemove={() => setDoomed(member)}
              />
            ))}
          </Rows>
          {members.hasNextPage && (
            <Button className="self-start" onClick={() => void members.fetchNextPage()}>
              {t('page.more')}
            </Button>
          )}
          {doomed && (
            <Confirm
              title={t('members.removeTitle', { name: doomed.full_name ?? doomed.username })}
              text={t('members.removeText')}
              action={t('members.remove')}
              busy={remove.isPending}
              error={remove.error}
              onClose={() => setDoomed(null)}
              onConfirm={() => remove.mutate(doomed.user_id, { onSuccess: () => setDoomed(null) })}
            />
          )}
        </div>
      )}
    </Loaded>
  );
}

interface MemberRowProps {
  me: Me;
  member: Member;
  roles: readonly RoleOption[];
  busy: boolean;
  onRole: (role: string) => void;
  onRemove: () => void;
}

function MemberRow({ me, member, roles, busy, onRole, onRemove }: MemberRowProps) {
  const { t } = useTranslation();
  const name = member.full_name ?? member.username;
  // Who may do more than the reader is not the reader's to change.
  const mine = may(me, 'members:write') && covers(me.permissions, member.permissions);
  return (
    <Row
      title={
        <>
          {name}
          {member.user_id === me.id && <Tag>{t('members.you')}</Tag>}
        </>
      }
      sub={t('members.since', { email: member.email, date: longDate(member.created_at) })}
      actions={
        mine ? (
          <>
            <SelectField
              bare
              label={t('members.roleOf', { name })}
              value={member.role}
              disabled={busy}
              options={roles}
              onChange={(event) => onRole(event.target.value)}
            />
            {member.user_id !== me.id && (
              <Button aria-label={t('members.removeTitle', { name })} onClick={onRemove}>
                {t('members.remove')}
              </Button>
            )}
          </>
        ) : (
          <Tag>{roleName(t, member.role_name)}</Tag>
        )
      }
    />
  );
}
