import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Loaded } from '@/components/ui/loaded';
import type { StoredDocument } from '@/lib/api/knowledge-types';
import { useChunks } from './api';
import { ChunkCard } from './chunk-card';
import type { Place } from './document-text';

interface ChunkListProps {
  document: StoredDocument;
  fixed: boolean;
  place: Place | null;
  onPlace: (place: Place) => void;
}

/** The passages that a document was cut into, each of which can be found. */
export function ChunkList({ document, fixed, place, onPlace }: ChunkListProps) {
  const { t } = useTranslation();
  const chunks = useChunks(document);
  return (
    <div className="flex flex-col items-start gap-3">
      <div className="w-full">
        <Loaded query={chunks}>
          {(items) =>
            items.length === 0 ? (
              <p className="text-ink-3">{t('chunks.none')}</p>
            ) : (
              <ol aria-label={t('chunks.title')} className="flex flex-col gap-2.5">
                {items.map((chunk) => (
                  <ChunkCard
                    key={chunk.id}
                    document={document}
                    chunk={chunk}
                    fixed={fixed}
                    shown={place?.start === chunk.span.start && place.end === chunk.span.end}
                    onShow={() => onPlace({ start: chunk.span.start, end: chunk.span.end })}
                  />
                ))}
              </ol>
            )
          }
        </Loaded>
      </div>
      {chunks.hasNextPage && (
        <Button onClick={() => void chunks.fetchNextPage()}>{t('page.more')}</Button>
      )}
    </div>
  );
}
