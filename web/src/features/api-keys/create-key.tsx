import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PermissionPicker } from '@/components/identity/permission-picker';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { CheckField, Field, SelectField } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import { Secret } from '@/components/ui/secret';
import type { Me, Permission } from '@/lib/api/identity-types';
import { useChatbotNames, useCreateKey, usePermissions } from './api';

const USUAL: Permission[] = ['chat:read', 'chat:write', 'chatbots:read'];
const LIFETIMES = ['30', '90', '365', 'never'] as const;
const DAY_MS = 86_400_000;

/** Makes an API key; its secret is shown once, here. */
export function CreateKeyDialog({ me, onClose }: { me: Me; onClose: () => void }) {
  const { t } = useTranslation();
  const create = useCreateKey(me.workspace.id);
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(create.data ? 'apiKeys.made' : 'apiKeys.create')}
      description={t(create.data ? 'apiKeys.madeText' : 'apiKeys.createText')}
      className="max-w-2xl! overflow-y-auto!"
    >
      {create.data ? (
        <div className="mt-4">
          <Secret label={t('apiKeys.secret')} text={create.data.key ?? ''} />
          <Button look="primary" className="mt-4" onClick={onClose}>
            {t('apiKeys.kept')}
          </Button>
        </div>
      ) : (
        <KeyForm me={me} create={create} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface KeyFormProps {
  me: Me;
  create: ReturnType<typeof useCreateKey>;
  onClose: () => void;
}

function KeyForm({ me, create, onClose }: KeyFormProps) {
  const { t } = useTranslation();
  const roles = usePermissions(me.workspace.id).data;
  const [permissions, setPermissions] = useState(() =>
    USUAL.filter((permission) => me.permissions.includes(permission)),
  );
  const [chatbots, setChatbots] = useState<string[]>([]);
  const offered = roles?.permissions ?? me.permissions.map((name) => ({ name, meaning: name }));
  return (
    <Form
      className="mt-4"
      submit={t('apiKeys.create')}
      busy={create.isPending}
      error={create.error}
      disabled={permissions.length === 0}
      aside={<Button onClick={onClose}>{t('action.cancel')}</Button>}
      onSubmit={({ name = '', lifetime }) =>
        create.mutate({
          name: name.trim(),
          permissions,
          ...(chatbots.length > 0 && { chatbot_ids: chatbots }),
          ...(lifetime !== 'never' && {
            expires_at: new Date(Date.now() + Number(lifetime) * DAY_MS).toISOString(),
          }),
        })
      }
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label={t('apiKeys.name')}
          hint={t('apiKeys.nameHint')}
          name="name"
          required
          maxLength={200}
          autoComplete="off"
        />
        <SelectField
          label={t('apiKeys.lifetime')}
          name="lifetime"
          defaultValue="90"
          options={LIFETIMES.map((days) => ({
            value: days,
            label:
              days === 'never' ? t('apiKeys.never') : t('apiKeys.days', { count: Number(days) }),
          }))}
        />
      </div>
      <PermissionPicker
        permissions={offered.filter(({ name }) => me.permissions.includes(name))}
        held={me.permissions}
        chosen={permissions}
        onChange={setPermissions}
      />
      <Chatbots chosen={chatbots} onChange={setChatbots} />
    </Form>
  );
}

interface ChatbotsProps {
  chosen: readonly string[];
  onChange: (ids: string[]) => void;
}

function Chatbots({ chosen, onChange }: ChatbotsProps) {
  const { t } = useTranslation();
  const chatbots = useChatbotNames().data?.items ?? [];
  if (chatbots.length < 2) return null;
  return (
    <fieldset>
      <legend className="font-medium text-sm">{t('apiKeys.chatbots')}</legend>
      <p className="mb-1.5 text-ink-3 text-xs">{t('apiKeys.chatbotsHint')}</p>
      <div className="grid gap-2 sm:grid-cols-2">
        {chatbots.map(({ id, name }) => (
          <CheckField
            key={id}
            label={name}
            checked={chosen.includes(id)}
            onChange={(event) =>
              onChange(
                event.target.checked ? [...chosen, id] : chosen.filter((other) => other !== id),
              )
            }
          />
        ))}
      </div>
    </fieldset>
  );
}
