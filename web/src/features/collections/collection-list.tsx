import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Loaded } from '@/components/ui/loaded';
import { Row, Rows, Tag } from '@/components/ui/rows';
import { useCollections } from '@/lib/api/collections';
import type { Me } from '@/lib/api/identity-types';
import { may } from '@/lib/api/me';
import { moment } from '@/lib/time';
import { CreateDialog } from './create-dialog';
import { ReadingProgress, useCounts } from './progress';

/** The collections that one may search, each with how far it is. */
export function CollectionList({ me }: { me: Me }) {
  const { t } = useTranslation();
  const collections = useCollections();
  const countsOf = useCounts();
  const [creating, setCreating] = useState(false);
  return (
    <div className="flex flex-col items-start gap-3">
      <div className="w-full">
        <Loaded query={collections}>
          {(items) => (
            <Rows label={t('collections.title')} empty={t('collections.none')}>
              {items.map((collection) => (
                <Row
                  key={collection.id}
                  title={
                    <>
                      <Link
                        to="/collections/$collectionId/{-$part}"
                        params={{ collectionId: collection.id }}
                        className="rounded-control hover:underline"
                      >
                        <span dir="auto">{collection.name}</span>
                      </Link>
                      {collection.visibility === 'private' && <Tag>{t('collections.private')}</Tag>}
                    </>
                  }
                  sub={[
                    collection.description,
                    countsOf(collection),
                    t('collections.changed', { time: moment(collection.updated_at) }),
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                >
                  <ReadingProgress collection={collection} />
                </Row>
              ))}
            </Rows>
          )}
        </Loaded>
      </div>
      {collections.hasNextPage && (
        <Button onClick={() => void collections.fetchNextPage()}>{t('page.more')}</Button>
      )}
      {may(me, 'collections:write') && (
        <Button look="primary" onClick={() => setCreating(true)}>
          <Plus aria-hidden className="size-3.5" />
          {t('collections.create')}
        </Button>
      )}
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
    </div>
  );
}
