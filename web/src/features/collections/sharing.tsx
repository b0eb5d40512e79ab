import { Sharing } from '@/components/identity/sharing';
import { collectionPath } from '@/lib/api/collections';
import type { Me } from '@/lib/api/identity-types';
import type { Collection } from '@/lib/api/knowledge-types';
import { useChangeCollection } from './api';

interface CollectionSharingProps {
  me: Me;
  collection: Collection;
}

/** Who may search a collection, and who may change it; for those who may. */
export function CollectionSharing({ me, collection }: CollectionSharingProps) {
  const change = useChangeCollection(collection.id);
  return (
    <Sharing
      me={me}
      path={collectionPath(collection.id)}
      visibility={collection.visibility}
      onVisibility={(visibility) => change.mutate({ visibility })}
      fixed={false}
      busy={change.isPending}
      error={change.error}
    />
  );
}
