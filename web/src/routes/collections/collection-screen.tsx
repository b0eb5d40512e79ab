import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import '@/lib/i18n-knowledge';
import { SignedIn } from '@/components/identity/signed-in';
import { Tabs } from '@/components/identity/tabs';
import { Loaded } from '@/components/ui/loaded';
import { Page, Section } from '@/components/ui/page';
import { DeleteCollection } from '@/features/collections/delete-collection';
import { EmbeddingProgress, ReadingProgress, useCounts } from '@/features/collections/progress';
import { SettingsForm } from '@/features/collections/settings-form';
import { CollectionSharing } from '@/features/collections/sharing';
import { DocumentList } from '@/features/documents/document-list';
import { SearchPanel } from '@/features/retrieval/search-panel';
import { useCollection, useMayEdit } from '@/lib/api/collections';
import type { Me } from '@/lib/api/identity-types';
import type { Collection } from '@/lib/api/knowledge-types';
import { BackLink } from './back-link';

const PARTS = ['documents', 'search', 'settings'] as const;
type PartName = (typeof PARTS)[number];

/** A collection: its documents, what a search finds in them, and its settings. */
export function CollectionScreen() {
  const { t } = useTranslation();
  const { collectionId = '', part: asked } = useParams({ strict: false });
  const part = PARTS.find((name) => name === asked) ?? 'documents';
  const collection = useCollection(collectionId);
  return (
    <Page
      title={collection.data?.name ?? t('collections.title')}
      actions={<BackLink to="/collections" label={t('collections.all')} />}
      tabs={
        <Tabs
          label={t('collections.parts')}
          current={part}
          tabs={PARTS.map((name) => ({
            id: name,
            label: t(`collectionPart.${name}`),
            to: `/collections/${collectionId}/${name}`,
          }))}
        />
      }
    >
      <SignedIn>
        {(me) => (
          <Loaded query={collection}>
            {(data) => <Part key={data.id} me={me} collection={data} part={part} />}
          </Loaded>
        )}
      </SignedIn>
    </Page>
  );
}

interface PartProps {
  me: Me;
  collection: Collection;
  part: PartName;
}

function Part({ me, collection, part }: PartProps) {
  const { t } = useTranslation();
  const countsOf = useCounts();
  const fixed = !useMayEdit(me, collection);
  switch (part) {
    case 'documents':
      return (
        <Section title={t('documents.title')} text={collection.description ?? undefined}>
          <p className="text-ink-3 text-sm tabular">{countsOf(collection)}</p>
          <ReadingProgress collection={collection} />
          <div className="mt-4">
            <DocumentList collection={collection} fixed={fixed} />
          </div>
        </Section>
      );
    case 'search':
      return <SearchPart collection={collection} />;
    case 'settings':
      return (
        <>
          <Section
            title={t('collectionPart.settings')}
            text={fixed ? t('collections.fixed') : undefined}
          >
            <SettingsForm collection={collection} fixed={fixed} />
          </Section>
          <Section title={t('collections.vectors')} text={t('collections.vectorsText')}>
            <Vectors collection={collection} />
          </Section>
          {!fixed && (
            <>
              <Section title={t('sharingOf.title')} text={t('collections.sharingText')}>
                <CollectionSharing me={me} collection={collection} />
              </Section>
              <Section title={t('collections.delete')} text={t('collections.deleteText')}>
                <DeleteCollection collection={collection} />
              </Section>
            </>
          )}
        </>
      );
  }
}

function SearchPart({ collection }: { collection: Collection }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { q } = useSearch({ strict: false }) as { q?: unknown };
  return (
    <Section title={t('retrieval.title')} text={t('retrieval.text')}>
      {collection.documents_ready === 0 && (
        <p className="mb-4 rounded-control bg-warn-soft px-3 py-2 text-sm text-warn-text">
          {t('retrieval.nothingReady')}
        </p>
      )}
      <SearchPanel
        collectionId={collection.id}
        collections={[]}
        query={q === undefined ? '' : String(q)}
        onQuery={(query) =>
          void navigate({
            to: '/collections/$collectionId/{-$part}',
            params: { collectionId: collection.id, part: 'search' },
            search: { q: query } as never,
            replace: true,
          })
        }
      />
    </Section>
  );
}

/** Whether a collection is searched by meaning too, and by whose vectors. */
function Vectors({ collection }: { collection: Collection }) {
  const { t } = useTranslation();
  const { serving } = collection.embedding;
  return (
    <>
      <p className="text-ink-2">
        {serving
          ? t('collections.servedBy', { model: serving.model, dimension: serving.dimension })
          : t('collections.wordsOnly')}
      </p>
      <EmbeddingProgress collection={collection} />
    </>
  );
}
