import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { AreaField, Field, SelectField } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import type { Collection } from '@/lib/api/knowledge-types';
import { useCreateCollection } from './api';

export function CreateDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const create = useCreateCollection();
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('collections.create')}
      description={t('collections.createText')}
      className="overflow-y-auto!"
    >
      <Form
        className="mt-4"
        submit={t('collections.create')}
        busy={create.isPending}
        error={create.error}
        aside={<Button onClick={onClose}>{t('action.cancel')}</Button>}
        onSubmit={({ name = '', description = '', visibility }) =>
          create.mutate(
            {
              name: name.trim(),
              description: description.trim() || null,
              visibility: visibility as Collection['visibility'],
            },
            {
              onSuccess: ({ id }) =>
                void navigate({
                  to: '/collections/$collectionId/{-$part}',
                  params: { collectionId: id },
                }),
            },
          )
        }
      >
        <Field
          label={t('collections.name')}
          name="name"
          required
          maxLength={200}
          autoComplete="off"
        />
        <AreaField
          label={t('collections.description')}
          name="description"
          rows={2}
          maxLength={2000}
        />
        <SelectField
          label={t('sharingOf.visibility')}
          name="visibility"
          options={(['workspace', 'private'] as const).map((value) => ({
            value,
            label: t(`visibility.${value}`),
          }))}
        />
      </Form>
    </Dialog>
  );
}
