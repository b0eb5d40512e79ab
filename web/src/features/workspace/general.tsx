import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { Field } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import { Section } from '@/components/ui/page';
import type { Me } from '@/lib/api/identity-types';
import { may } from '@/lib/api/me';
import { toast } from '@/lib/toast';
import { useDeleteWorkspace, useLeave, useRename } from './api';
import { roleName } from './role-options';

/** The workspace itself: its name, leaving it, and its end. */
export function General({ me, onGone }: { me: Me; onGone: () => void }) {
  const { t } = useTranslation();
  const { id, name } = me.workspace;
  const rename = useRename(id);
  return (
    <>
      <Section
        title={t('workspace.name')}
        text={me.role_name && t('workspace.yourRole', { role: roleName(t, me.role_name) })}
      >
        {may(me, 'workspace:write') ? (
          <Form
            submit={t('action.save')}
            busy={rename.isPending}
            error={rename.error}
            onSubmit={({ name: next = '' }) =>
              rename.mutate(next.trim(), { onSuccess: () => toast(t('page.saved')) })
            }
          >
            <Field
              bare
              label={t('workspace.name')}
              name="name"
              required
              maxLength={200}
              defaultValue={name}
            />
          </Form>
        ) : (
          <p className="text-read">{name}</p>
        )}
      </Section>
      <Leave me={me} onGone={onGone} />
      {may(me, 'workspace:delete') && <Delete me={me} onGone={onGone} />}
    </>
  );
}

function Leave({ me, onGone }: { me: Me; onGone: () => void }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const leave = useLeave(me.workspace.id, me.id);
  return (
    <Section title={t('workspace.leave')} text={t('workspace.leaveText')}>
      <Button onClick={() => setAsking(true)}>{t('workspace.leave')}</Button>
      {asking && (
        <Confirm
          title={t('workspace.leaveTitle', { name: me.workspace.name })}
          text={t('workspace.leaveText')}
          action={t('workspace.leave')}
          busy={leave.isPending}
          error={leave.error}
          onClose={() => setAsking(false)}
          onConfirm={() => leave.mutate(undefined, { onSuccess: onGone })}
        />
      )}
    </Section>
  );
}

function Delete({ me, onGone }: { me: Me; onGone: () => void }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const remove = useDeleteWorkspace(me.workspace.id);
  return (
    <Section title={t('workspace.delete')} text={t('workspace.deleteText')}>
      <Button look="danger" onClick={() => setAsking(true)}>
        {t('workspace.delete')}
      </Button>
      {asking && (
        <Confirm
          title={t('workspace.deleteTitle', { name: me.workspace.name })}
          text={t('workspace.deleteText')}
          action={t('workspace.deleteDo')}
          typed={me.workspace.name}
          busy={remove.isPending}
          error={remove.error}
          onClose={() => setAsking(false)}
          onConfirm={() => remove.mutate(undefined, { onSuccess: onGone })}
        />
      )}
    </Section>
  );
}
