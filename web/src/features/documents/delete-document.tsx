import { useTranslation } from 'react-i18next';
import { Confirm } from '@/components/ui/confirm';
import type { StoredDocument } from '@/lib/api/knowledge-types';
import { useDeleteDocument } from './api';

interface DeleteDocumentProps {
  document: StoredDocument;
  onClose: () => void;
  onDeleted?: () => void;
}

export function DeleteDocument({ document, onClose, onDeleted }: DeleteDocumentProps) {
  const { t } = useTranslation();
  const remove = useDeleteDocument();
  return (
    <Confirm
      title={t('documents.deleteTitle', { name: document.name })}
      text={t('documents.deleteText')}
      action={t('documents.delete')}
      busy={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={() =>
        remove.mutate(document, {
          onSuccess: () => {
            onClose();
            onDeleted?.();
          },
        })
      }
    />
  );
}
