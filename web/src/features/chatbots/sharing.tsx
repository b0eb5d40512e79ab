import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { Loaded } from '@/components/ui/loaded';
import { Refusal } from '@/components/ui/refusal';
import { Row, Rows } from '@/components/ui/rows';
import type { Chatbot, Grant, Me } from '@/lib/api/identity-types';
import { useGrants, useMemberNames, useRoles, useSaveChatbot, useShare } from './api';

/** `user:<id>` or `role:<name or id>`, as one text. */
const keyOf = ({ grantee }: Pick<Grant, 'grantee'>) =>
  'user' in grantee ? `user:${grantee.user}` : `role:${grantee.role}`;

function granteeOf(key: string): Grant['grantee'] {
  const [kind, id = ''] = key.split(':');
  return kind === 'user' ? { user: id } : { role: id };
}

interface SharingProps {
  me: Me;
  chatbot: Chatbot;
  fixed: boolean;
}

/** Who may use a chatbot, and who may change it. */
export function Sharing({ me, chatbot, fixed }: SharingProps) {
  const { t } = useTranslation();
  const save = useSaveChatbot(chatbot.id);
  const grants = useGrants(chatbot.id);
  return (
    <div className="flex flex-col gap-5">
      <SelectField
        label={t('sharingOf.visibility')}
        hint={chatbot.is_default ? t('sharingOf.defaultHint') : undefined}
        value={chatbot.visibility}
        disabled={fixed || chatbot.is_default || save.isPending}
        options={(['workspace', 'private'] as const).map((value) => ({
          value,
          label: t(`visibility.${value}`),
        }))}
        onChange={({ target }) =>
          save.mutate({ visibility: target.value as Chatbot['visibility'] })
        }
      />
      <Refusal error={save.error} />
      <Loaded query={grants}>
        {({ items }) => <Grants me={me} chatbotId={chatbot.id} grants={items} fixed={fixed} />}
      </Loaded>
    </div>
  );
}

interface GrantsProps {
  me: Me;
  chatbotId: string;
  grants: readonly Grant[];
  fixed: boolean;
}

function Grants({ me, chatbotId, grants, fixed }: GrantsProps) {
  const { t } = useTranslation();
  const share = useShare(chatbotId);
  const names = useGranteeNames(me.workspace.id);
  const [next, setNext] = useState('');
  const others = [...names].filter(([key]) => !grants.some((grant) => keyOf(grant) === key));
  const chosen = others.some(([key]) => key === next) ? next : (others[0]?.[0] ?? '');
  const without = (key: string) => grants.filter((grant) => keyOf(grant) !== key);
  return (
    <div className="flex flex-col gap-3">
      <Rows label={t('sharingOf.with')} empty={t('sharingOf.nobody')}>
        {grants.map((grant) => {
          const key = keyOf(grant);
          const name = names.get(key) ?? key;
          return (
            <Row
              key={key}
              title={name}
              actions={
                <>
                  <SelectField
                    bare
                    label={t('sharingOf.accessOf', { name })}
                    value={grant.access}
                    disabled={fixed}
                    options={(['use', 'edit'] as const).map((value) => ({
                      value,
                      label: t(`access.${value}`),
                    }))}
                    onChange={({ target }) =>
                      share.mutate([
                        ...without(key),
                        { grantee: grant.grantee, access: target.value as Grant['access'] },
                      ])
                    }
                  />
                  {!fixed && (
                    <Button
                      aria-label={t('sharingOf.removeOf', { name })}
                      onClick={() => share.mutate(without(key))}
                    >
                      {t('sharingOf.remove')}
                    </Button>
                  )}
                </>
              }
            />
          );
        })}
      </Rows>
      <Refusal error={share.error} />
      {!fixed && others.length > 0 && (
        <div className="flex items-end gap-2">
          <SelectField
            className="flex-1"
            label={t('sharingOf.add')}
            value={chosen}
            options={others.map(([value, label]) => ({ value, label }))}
            onChange={({ target }) => setNext(target.value)}
          />
          <Button
            className="h-9!"
            onClick={() => share.mutate([...grants, { grantee: granteeOf(chosen), access: 'use' }])}
          >
            {t('sharingOf.share')}
          </Button>
        </div>
      )}
    </div>
  );
}

/** With whom a chatbot can be shared, by `keyOf`. */
function useGranteeNames(workspaceId: string): ReadonlyMap<string, string> {
  const { t } = useTranslation();
  const roles = useRoles(workspaceId).data;
  const members = useMemberNames(workspaceId).data?.items ?? [];
  const everybody = (name: string) => t('sharingOf.everybody', { role: name });
  return new Map([
    ...(roles?.builtin ?? []).map(
      ({ role }) => [`role:${role}`, everybody(t(`role.${role}`))] as const,
    ),
    ...(roles?.items ?? []).map(({ id, name }) => [`role:${id}`, everybody(name)] as const),
    ...members.map(
      ({ user_id, full_name, username }) => [`user:${user_id}`, full_name ?? username] as const,
    ),
  ]);
}
