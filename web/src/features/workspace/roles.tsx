import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PermissionPicker } from '@/components/identity/permission-picker';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import { Loaded } from '@/components/ui/loaded';
import { Row, Rows, Tag } from '@/components/ui/rows';
import { INSTALLATION } from '@/lib/api/explain';
import type { CustomRole, Me, Roles as RoleList } from '@/lib/api/identity-types';
import { covers, may } from '@/lib/api/me';
import { useDeleteRole, useRoles, useSaveRole } from './api';
import { roleName } from './role-options';

/** The ready roles and the workspace's own. */
export function Roles({ me }: { me: Me }) {
  const { t } = useTranslation();
  const roles = useRoles(me.workspace.id);
  const [edited, setEdited] = useState<CustomRole | 'new' | null>(null);
  const [doomed, setDoomed] = useState<CustomRole | null>(null);
  const remove = useDeleteRole(me.workspace.id);
  const writes = may(me, 'roles:write');
  return (
    <Loaded query={roles}>
      {(data) => (
        <div className="flex flex-col items-start gap-3">
          <div className="w-full">
            <Rows label={t('roles.title')} empty="">
              {[
                ...data.builtin.map(({ role, permissions }) => (
                  <Row
                    key={role}
                    title={
                      <>
                        {roleName(t, role)} <Tag>{t('roles.ready')}</Tag>
                      </>
                    }
                    sub={permissions.join(', ')}
                  />
                )),
                ...data.items.map((role) => (
                  <Row
                    key={role.id}
                    title={role.name}
                    sub={role.permissions.join(', ')}
                    actions={
                      writes &&
                      covers(me.permissions, role.permissions) && (
                        <>
                          <Button
                            aria-label={t('roles.editOf', { name: role.name })}
                            onClick={() => setEdited(role)}
                          >
                            {t('roles.edit')}
                          </Button>
                          <Button
                            aria-label={t('roles.deleteOf', { name: role.name })}
                            onClick={() => setDoomed(role)}
                          >
                            {t('roles.delete')}
                          </Button>
                        </>
                      )
                    }
                  />
                )),
              ]}
            </Rows>
          </div>
          {writes && (
            <Button look="primary" onClick={() => setEdited('new')}>
              <Plus aria-hidden className="size-3.5" />
              {t('roles.create')}
            </Button>
          )}
          {edited && (
            <RoleDialog
              me={me}
              roles={data}
              role={edited === 'new' ? null : edited}
              onClose={() => setEdited(null)}
            />
          )}
          {doomed && (
            <Confirm
              title={t('roles.deleteOf', { name: doomed.name })}
              text={t('roles.deleteText')}
              action={t('roles.delete')}
              busy={remove.isPending}
              error={remove.error}
              onClose={() => setDoomed(null)}
              onConfirm={() => remove.mutate(doomed.id, { onSuccess: () => setDoomed(null) })}
            />
          )}
        </div>
      )}
    </Loaded>
  );
}

interface RoleDialogProps {
  me: Me;
  roles: RoleList;
  role: CustomRole | null;
  onClose: () => void;
}

function RoleDialog({ me, roles, role, onClose }: RoleDialogProps) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState(role?.permissions ?? []);
  const save = useSaveRole(me.workspace.id, role?.id ?? null);
  return (
    <Dialog
      open
      onClose={onClose}
      title={role === null ? t('roles.create') : t('roles.editOf', { name: role.name })}
      description={t('roles.text')}
      className="max-w-2xl! overflow-y-auto!"
    >
      <Form
        className="mt-4"
        submit={t('action.save')}
        busy={save.isPending}
        error={save.error}
        aside={<Button onClick={onClose}>{t('action.cancel')}</Button>}
        onSubmit={({ name = '' }) =>
          save.mutate({ name: name.trim(), permissions: chosen }, { onSuccess: onClose })
        }
      >
        <Field
          label={t('roles.name')}
          name="name"
          required
          maxLength={64}
          defaultValue={role?.name}
          autoComplete="off"
        />
        <PermissionPicker
          permissions={roles.permissions.filter(({ name }) => !INSTALLATION.includes(name))}
          held={me.permissions}
          chosen={chosen}
          onChange={setChosen}
        />
      </Form>
    </Dialog>
  );
}
