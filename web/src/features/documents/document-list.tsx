import { Search } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Field, SelectField } from '@/components/ui/field';
import { Loaded } from '@/components/ui/loaded';
import { Rows } from '@/components/ui/rows';
import { COLLECTIONS, pendingOf, useCollection } from '@/lib/api/collections';
import { useFreshAfter } from '@/lib/api/hooks';
import type { Collection, DocumentStatus } from '@/lib/api/knowledge-types';
import { useDebounced } from '@/lib/hooks';
import { AddDocuments } from './add-documents';
import { useDocuments } from './api';
import { isBusy } from './batch';
import { DocumentRow } from './document-row';
import { UploadPanel } from './upload-panel';
import { useBatch } from './uploads';

const TYPING_MS = 250;
const STATUSES = ['', 'pending', 'processing', 'ready', 'failed'] as const;

interface DocumentListProps {
  collection: Collection;
  /** Whether they can only be read. */
  fixed: boolean;
}

/** A collection's documents with how far they are, and the ways to add more. */
export function DocumentList({ collection, fixed }: DocumentListProps) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [status, setStatus] = useState<DocumentStatus | ''>('');
  const batch = useBatch(collection.id);
  const sending = isBusy(batch);
  const coming = sending || pendingOf(collection) > 0;
  const settled = useDebounced(text.trim(), TYPING_MS);
  const documents = useDocuments(collection.id, status, settled, coming);
  // How many there are changes with each file that arrives.
  useCollection(collection.id, sending);
  useFreshAfter(sending, COLLECTIONS);
  const narrowed = status !== '' || settled !== '';
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end gap-3">
        <div className="relative min-w-0 flex-1 basis-56">
          <Search
            aria-hidden
            className="pointer-events-none absolute end-2.5 bottom-2.5 size-4 text-ink-3"
          />
          <Field
            label={t('documents.search')}
            type="search"
            value={text}
            maxLength={200}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <SelectField
          label={t('documents.status')}
          value={status}
          options={STATUSES.map((value) => ({
            value,
            label: t(`documentStatus.${value || 'any'}`),
          }))}
          onChange={({ target }) => setStatus(target.value as DocumentStatus | '')}
        />
        {!fixed && <AddDocuments collectionId={collection.id} />}
      </div>
      <UploadPanel collectionId={collection.id} batch={batch} />
      <Loaded query={documents}>
        {(items) => (
          <Rows
            label={t('documents.title')}
            empty={t(
              narrowed ? 'documents.noMatch' : fixed ? 'documents.noneYet' : 'documents.none',
            )}
          >
            {items.map((document) => (
              <DocumentRow key={document.id} document={document} fixed={fixed} />
            ))}
          </Rows>
        )}
      </Loaded>
      {documents.hasNextPage && (
        <Button className="self-start" onClick={() => void documents.fetchNextPage()}>
          {t('page.more')}
        </Button>
      )}
    </div>
  );
}
