import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import type { Collection } from '@/lib/api/knowledge-types';
import { useDeleteCollection } from './api';

/** The end of a collection; its name must be typed. */
export function DeleteCollection({ collection }: { collection: Collection }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const remove = useDeleteCollection();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        {t('collections.delete')}
      </Button>
      {asking && (
        <Confirm
          title={t('collections.deleteTitle', { name: collection.name })}
          text={t('collections.deleteText')}
          action={t('collections.delete')}
          typed={collection.name}
          busy={remove.isPending}
          error={remove.error}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            remove.mutate(collection.id, {
              onSuccess: () => void navigate({ to: '/collections' }),
            })
          }
        />
      )}
    </>
  );
}
