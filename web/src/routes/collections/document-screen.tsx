import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import '@/lib/i18n-knowledge';
import { SignedIn } from '@/components/identity/signed-in';
import { Disclosure } from '@/components/ui/disclosure';
import { Loaded } from '@/components/ui/loaded';
import { Page, Section } from '@/components/ui/page';
import { documentPath, isUnderWay, useDocument, useReindex } from '@/features/documents/api';
import { ChunkList } from '@/features/documents/chunk-list';
import { DocumentDetails } from '@/features/documents/document-details';
import { Failure, useFacts } from '@/features/documents/document-row';
import { DocumentText, type Place } from '@/features/documents/document-text';
import { Notice } from '@/features/documents/notice';
import { StatusTag } from '@/features/documents/status-tag';
import { useCollection, useMayEdit } from '@/lib/api/collections';
import { useFreshAfter } from '@/lib/api/hooks';
import type { Me } from '@/lib/api/identity-types';
import type { Collection, StoredDocument } from '@/lib/api/knowledge-types';
import { BackLink } from './back-link';

/** A document: its text at the left, with a passage highlighted; its passages at the right. */
export function DocumentScreen() {
  const { t } = useTranslation();
  const { collectionId = '', documentId = '' } = useParams({ strict: false });
  const collection = useCollection(collectionId);
  const document = useDocument(collectionId, documentId);
  return (
    <Page
      wide
      title={document.data?.name ?? t('documents.title')}
      actions={
        <BackLink
          to={`/collections/${collectionId}`}
          label={collection.data?.name ?? t('collections.title')}
        />
      }
    >
      <SignedIn>
        {(me) => (
          <Loaded query={collection}>
            {(whole) => (
              <Loaded query={document}>
                {(data) => <View key={data.id} me={me} collection={whole} document={data} />}
              </Loaded>
            )}
          </Loaded>
        )}
      </SignedIn>
    </Page>
  );
}

interface ViewProps {
  me: Me;
  collection: Collection;
  document: StoredDocument;
}

function View({ me, collection, document }: ViewProps) {
  const { t } = useTranslation();
  const fixed = !useMayEdit(me, collection);
  const factsOf = useFacts();
  const reindex = useReindex();
  const [place, setPlace] = usePlace(document);
  useFreshAfter(isUnderWay(document), documentPath(document));
  return (
    <div className="grid gap-x-8 gap-y-6 xl:grid-cols-[minmax(0,1fr)_26rem]">
      <div className="flex min-w-0 flex-col xl:sticky xl:top-0 xl:h-[calc(100dvh-6rem)]">
        <p className="mb-2 flex flex-wrap items-center gap-2 text-ink-3 text-sm">
          <span className="min-w-0 break-words">{factsOf(document).join(' · ')}</span>
          <StatusTag document={document} />
        </p>
        {document.status === 'failed' && (
          <div className="mb-3">
            <Failure
              document={document}
              fixed={fixed}
              busy={reindex.isPending}
              onRetry={() => reindex.mutate(document)}
            />
          </div>
        )}
        {document.notice && (
          <div className="mb-3">
            <Notice document={document} />
          </div>
        )}
        <DocumentText document={document} place={place} onPlace={setPlace} />
      </div>
      <div className="min-w-0">
        <Disclosure summary={t('documents.details')}>
          <DocumentDetails document={document} fixed={fixed} />
        </Disclosure>
        <div className="mt-6">
          <Section title={t('chunks.title')} text={t('chunks.intro')}>
            <ChunkList document={document} fixed={fixed} place={place} onPlace={setPlace} />
          </Section>
        </div>
      </div>
    </div>
  );
}

/** The passage on show: it stands in the address, so that a link can lead to it. */
function usePlace({ collection_id, id }: StoredDocument) {
  const navigate = useNavigate();
  const { start, end } = useSearch({ strict: false }) as { start?: unknown; end?: unknown };
  const place = useMemo((): Place | null => {
    const [from, to] = [Number(start), Number(end)];
    return Number.isInteger(from) && Number.isInteger(to) && from >= 0 && to >= from
      ? { start: from, end: to }
      : null;
  }, [start, end]);
  const show = (next: Place | null) =>
    void navigate({
      to: '/collections/$collectionId/documents/$documentId',
      params: { collectionId: collection_id, documentId: id },
      search: (next ?? {}) as never,
      replace: true,
    });
  return [place, show] as const;
}
