import { Download } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PasswordField } from '@/components/identity/password-field';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { Refusal } from '@/components/ui/refusal';
import { useAct } from '@/lib/api/hooks';
import type { Me } from '@/lib/api/identity-types';
import { saveFrom } from '@/lib/download';
import { leave, useDeleteUser } from './api';

/** Taking everything along, and going. */
export function OwnData({ me }: { me: Me }) {
  const { t } = useTranslation();
  const [leaving, setLeaving] = useState(false);
  const remove = useDeleteUser(me.id);
  const take = useAct(() => saveFrom(`/users/${me.id}/export`, 'vpaura-export.json'));
  return (
    <div className="flex flex-col items-start gap-3">
      <div className="flex flex-wrap gap-2">
        <Button aria-disabled={take.isPending} onClick={() => take.mutate(undefined)}>
          <Download aria-hidden className="size-3.5" />
          {t('ownData.export')}
        </Button>
        <Button look="danger" onClick={() => setLeaving(true)}>
          {t('ownData.delete')}
        </Button>
      </div>
      <Refusal error={take.error} />
      {leaving && (
        <Confirm
          title={t('ownData.delete')}
          text={t('ownData.deleteText')}
          action={t('ownData.deleteDo')}
          typed={me.username}
          busy={remove.isPending}
          error={remove.error}
          onClose={() => setLeaving(false)}
          onConfirm={({ password = '' }) => remove.mutate(password, { onSuccess: leave })}
        >
          {me.has_password && <PasswordField />}
        </Confirm>
      )}
    </div>
  );
}
