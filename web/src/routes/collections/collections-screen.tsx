import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import '@/lib/i18n-knowledge';
import { Needs, SignedIn } from '@/components/identity/signed-in';
import { Tabs } from '@/components/identity/tabs';
import { Page, Section } from '@/components/ui/page';
import { CollectionList } from '@/features/collections/collection-list';
import { SearchPanel } from '@/features/retrieval/search-panel';
import { useCollectionChoice } from '@/lib/api/collections';

export function Collections() {
  const { t } = useTranslation();
  return (
    <Page title={t('collections.title')} tabs={<Parts current="collections" />}>
      <SignedIn>
        {(me) => (
          <Needs me={me} permission="collections:read">
            <Section title={t('collections.title')} text={t('collections.text')}>
              <CollectionList me={me} />
            </Section>
          </Needs>
        )}
      </SignedIn>
    </Page>
  );
}

/** Searches all that one may see. */
export function SearchAll() {
  const { t } = useTranslation();
  return (
    <Page title={t('collections.title')} tabs={<Parts current="search" />}>
      <SignedIn>
        {(me) => (
          <Needs me={me} permission="collections:read">
            <Section title={t('retrieval.title')} text={t('retrieval.text')}>
              <Everywhere />
            </Section>
          </Needs>
        )}
      </SignedIn>
    </Page>
  );
}

function Everywhere() {
  const navigate = useNavigate();
  const collections = useCollectionChoice();
  const { q } = useSearch({ strict: false }) as { q?: unknown };
  return (
    <SearchPanel
      collectionId={null}
      collections={collections}
      query={q === undefined ? '' : String(q)}
      onQuery={(query) =>
        void navigate({ to: '/collections/search', search: { q: query } as never, replace: true })
      }
    />
  );
}

function Parts({ current }: { current: 'collections' | 'search' }) {
  const { t } = useTranslation();
  return (
    <Tabs
      label={t('collections.parts')}
      current={current}
      tabs={[
        { id: 'collections', label: t('collections.all'), to: '/collections' },
        { id: 'search', label: t('collectionPart.search'), to: '/collections/search' },
      ]}
    />
  );
}
