import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import { Loaded } from '@/components/ui/loaded';
import { Refusal } from '@/components/ui/refusal';
import { Row, Rows, Tag } from '@/components/ui/rows';
import type { Me } from '@/lib/api/identity-types';
import { may } from '@/lib/api/me';
import { longDate } from '@/lib/time';
import { useCreateWorkspace, useEnterWorkspace, useOwnWorkspaces } from './api';

/** The workspaces that one is in, and making another. */
export function Workspaces({ me }: { me: Me }) {
  const { t } = useTranslation();
  const workspaces = useOwnWorkspaces();
  const create = useCreateWorkspace();
  const enter = useEnterWorkspace();
  return (
    <div className="flex flex-col gap-5">
      {may(me, 'workspaces:write') && (
        <Form
          label={t('workspaces.create')}
          submit={t('workspaces.create')}
          busy={create.isPending}
          error={create.error}
          onSubmit={({ name = '' }, form) =>
            create.mutate(name.trim(), { onSuccess: () => form.reset() })
          }
        >
          <Field
            label={t('workspace.name')}
            name="name"
            required
            maxLength={200}
            autoComplete="off"
          />
        </Form>
      )}
      <Refusal error={enter.error} />
      <Loaded query={workspaces}>
        {({ items }) => (
          <Rows label={t('workspaces.title')} empty={t('workspaces.none')}>
            {items.map(({ workspace, role_name }) => (
              <Row
                key={workspace.id}
                title={
                  <>
                    {workspace.name}
                    {workspace.id === me.workspace.id && (
                      <Tag tone="accent">{t('workspaces.here')}</Tag>
                    )}
                    {workspace.status === 'deleting' && (
                      <Tag tone="warn">{t('workspaces.deleting')}</Tag>
                    )}
                  </>
                }
                sub={t('workspaces.since', {
                  role: t(`role.${role_name}`, { defaultValue: role_name }),
                  date: longDate(workspace.created_at),
                })}
                actions={
                  workspace.id !== me.workspace.id &&
                  workspace.status === 'active' && (
                    <Button
                      aria-label={t('workspaces.enterOf', { name: workspace.name })}
                      onClick={() => enter.mutate(workspace.id)}
                    >
                      {t('workspaces.enter')}
                    </Button>
                  )
                }
              />
            ))}
          </Rows>
        )}
      </Loaded>
    </div>
  );
}
