import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { SelectField } from '@/components/ui/field';
import { Loaded } from '@/components/ui/loaded';
import { Refusal } from '@/components/ui/refusal';
import { Row, Rows } from '@/components/ui/rows';
import { keyOf, useGranteeNames, useGrants, useShare } from '@/lib/api/grants';
import type { Grant, Me } from '@/lib/api/identity-types';

function granteeOf(key: string): Grant['grantee'] {
  const [kind, id = ''] = key.split(':');
  return kind === 'user' ? { user: id } : { role: id };
}

interface SharingProps {
  me: Me;
  /** The path of the thing that is shared. */
  path: string;
  visibility: 'workspace' | 'private';
  onVisibility: (visibility: 'workspace' | 'private') => void;
  /** Why its visibility cannot be changed; null when it can. */
  bound?: string | null;
  /** Whether its sharing can only be read. */
  fixed: boolean;
  busy: boolean;
  error: Error | null;
}

/** Who may use a thing of the workspace, and who may change it. */
export function Sharing({ me, path, fixed, bound = null, ...props }: SharingProps) {
  const { t } = useTranslation();
  const grants = useGrants(path);
  return (
    <div className="flex flex-col gap-5">
      <SelectField
        label={t('sharingOf.visibility')}
        hint={bound ?? undefined}
        value={props.visibility}
        disabled={fixed || bound !== null || props.busy}
        options={(['workspace', 'private'] as const).map((value) => ({
          value,
          label: t(`visibility.${value}`),
        }))}
        onChange={({ target }) => props.onVisibility(target.value as SharingProps['visibility'])}
      />
      <Refusal error={props.error} />
      <Loaded query={grants}>
        {({ items }) => <Grants me={me} path={path} grants={items} fixed={fixed} />}
      </Loaded>
    </div>
  );
}

interface GrantsProps {
  me: Me;
  path: string;
  grants: readonly Grant[];
  fixed: boolean;
}

function Grants({ me, path, grants, fixed }: GrantsProps) {
  const { t } = useTranslation();
  const share = useShare(path);
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
                    disabled={fixed || share.isPending}
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
                      disabled={share.isPending}
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
            disabled={share.isPending}
            onClick={() => share.mutate([...grants, { grantee: granteeOf(chosen), access: 'use' }])}
          >
            {t('sharingOf.share')}
          </Button>
        </div>
      )}
    </div>
  );
}
