import { useTranslation } from 'react-i18next';
import { Tag } from '@/components/ui/rows';
import { Spinner } from '@/components/ui/spinner';
import type { StoredDocument } from '@/lib/api/knowledge-types';

/** How a document is, where that is worth a word. */
export function StatusTag({ document }: { document: StoredDocument }) {
  const { t } = useTranslation();
  const { status, enabled } = document;
  return (
    <>
      {status === 'pending' && <Tag>{t('documentStatus.pending')}</Tag>}
      {status === 'processing' && (
        <span className="inline-flex items-center gap-1.5">
          <Spinner />
          <Tag tone="accent">{t('documentStatus.processing')}</Tag>
        </span>
      )}
      {status === 'failed' && <Tag tone="danger">{t('documentStatus.failed')}</Tag>}
      {!enabled && <Tag tone="warn">{t('documents.disabled')}</Tag>}
    </>
  );
}
