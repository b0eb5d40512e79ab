import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { AreaField, Field } from '@/components/ui/field';
import { Form, type Values } from '@/components/ui/form';
import { type NewDocument, useAddDocument } from './api';

interface AddDialogProps {
  collectionId: string;
  onClose: () => void;
}

export function AddUrlDialog(props: AddDialogProps) {
  const { t } = useTranslation();
  return (
    <AddDialog
      {...props}
      title={t('documents.addUrl')}
      text={t('documents.addUrlText')}
      documentOf={({ url = '' }) => ({ url: url.trim() })}
    >
      <Field
        label={t('documents.url')}
        name="url"
        type="url"
        required
        placeholder="https://example.org/handbook"
        autoComplete="off"
      />
    </AddDialog>
  );
}

export function AddTextDialog(props: AddDialogProps) {
  const { t } = useTranslation();
  return (
    <AddDialog
      {...props}
      title={t('documents.addText')}
      text={t('documents.addTextText')}
      documentOf={({ name = '', text = '' }) => ({ name: name.trim(), text })}
    >
      <Field label={t('documents.name')} name="name" required maxLength={255} autoComplete="off" />
      <AreaField label={t('documents.text')} name="text" required rows={10} />
    </AddDialog>
  );
}

interface ShapeProps extends AddDialogProps {
  title: string;
  text: string;
  documentOf: (values: Values) => NewDocument;
  children: ReactNode;
}

function AddDialog({ collectionId, onClose, title, text, documentOf, children }: ShapeProps) {
  const { t } = useTranslation();
  const add = useAddDocument(collectionId);
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      description={text}
      className="max-w-xl! overflow-y-auto!"
    >
      <Form
        className="mt-4"
        submit={t('documents.addDo')}
        busy={add.isPending}
        error={add.error}
        aside={<Button onClick={onClose}>{t('action.cancel')}</Button>}
        onSubmit={(values) => add.mutate(documentOf(values), { onSuccess: onClose })}
      >
        {children}
      </Form>
    </Dialog>
  );
}
