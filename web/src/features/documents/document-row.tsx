import { Link } from '@tanstack/react-router';
import { CircleAlert, FileText, Globe, NotebookText } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Menu } from '@/components/ui/menu';
import { Refusal } from '@/components/ui/refusal';
import { Row } from '@/components/ui/rows';
import type { StoredDocument } from '@/lib/api/knowledge-types';
import { count, fileSize } from '@/lib/format';
import { moment } from '@/lib/time';
import { useChangeDocument, useReindex } from './api';
import { DeleteDocument } from './delete-document';
import { Notice } from './notice';
import { StatusTag } from './status-tag';

const ICONS = { file: FileText, url: Globe, text: NotebookText } as const;

interface DocumentRowProps {
  document: StoredDocument;
  fixed: boolean;
}

export function DocumentRow({ document, fixed }: DocumentRowProps) {
  const { t } = useTranslation();
  const factsOf = useFacts();
  const change = useChangeDocument();
  const reindex = useReindex();
  const [deleting, setDeleting] = useState(false);
  const { name, status, enabled } = document;
  const Icon = ICONS[document.source.type];
  const label = t('documents.actions', { name });
  return (
    <Row
      title={
        <>
          <Icon aria-hidden className="size-4 shrink-0 text-accent-text" />
          <Link
            to="/collections/$collectionId/documents/$documentId"
            params={{ collectionId: document.collection_id, documentId: document.id }}
            className="min-w-0 break-words rounded-control hover:underline"
          >
            <span dir="auto">{name}</span>
          </Link>
          <StatusTag document={document} />
        </>
      }
      sub={[...factsOf(document), moment(document.created_at)].join(' · ')}
      actions={
        !fixed && (
          <Menu
            label={label}
            trigger={<Button aria-label={label}>{t('documents.change')}</Button>}
            items={[
              {
                label: t(enabled ? 'documents.disable' : 'documents.enable'),
                run: () => change.mutate({ document, enabled: !enabled }),
              },
              { label: t('documents.reindex'), run: () => reindex.mutate(document) },
              {
                label: t('documents.delete'),
                danger: true,
                divided: true,
                run: () => setDeleting(true),
              },
            ]}
          />
        )
      }
    >
      {(status === 'failed' || (status === 'pending' && document.error)) && (
        <Failure
          document={document}
          fixed={fixed}
          busy={reindex.isPending}
          onRetry={() => reindex.mutate(document)}
        />
      )}
      <Notice document={document} />
      <Refusal error={change.error ?? reindex.error} className="mt-2" />
      {deleting && <DeleteDocument document={document} onClose={() => setDeleting(false)} />}
    </Row>
  );
}

interface FailureProps extends DocumentRowProps {
  busy: boolean;
  onRetry: () => void;
}

/** Why a document could not be read, and the way on. */
export function Failure({ document, fixed, busy, onRetry }: FailureProps) {
  const { t } = useTranslation();
  return (
    <div className="mt-2 flex flex-wrap items-center gap-2 rounded-control bg-danger-soft px-2.5 py-1.5 text-danger-text text-sm">
      <CircleAlert aria-hidden className="size-4 shrink-0" />
      <span className="min-w-0 flex-1 basis-48 break-words" dir="auto">
        {document.error || t('documents.unreadable')}
      </span>
      {!fixed && (
        <Button
          aria-disabled={busy}
          aria-label={t('documents.retryOf', { name: document.name })}
          onClick={onRetry}
        >
          {t('action.retry')}
        </Button>
      )}
    </div>
  );
}

/** A document's size, pages and passages, as far as they are known. */
export function useFacts() {
  const { t } = useTranslation();
  return ({ source, size, pages, chunks, status }: StoredDocument): string[] => [
    ...(source.type === 'url' ? [source.url] : []),
    ...(typeof size === 'number' ? [fileSize(size)] : []),
    ...(typeof pages === 'number' ? [t('documents.pages', { count: pages })] : []),
    ...(status === 'ready'
      ? [t('collections.passages', { count: chunks, shown: count(chunks) })]
      : []),
  ];
}
