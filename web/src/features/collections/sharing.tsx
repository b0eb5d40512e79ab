import { Sharing } from '@/components/identity/sharing';
import { collectionPath } from '@/lib/api/collections';
import type { Me } from '@/lib/api/identity-types';
import type { Collection } from '@/lib/api/knowledge-types';
import { useChangeCollection } from './api';

interface CollectionSharingProps {
  me: Me;
  collection: Collection;
  fixed: boolean;
}

/** Who may search a collection, and who may change it. */
export function CollectionSharing({ me, collection, fixed }: CollectionSharingProps) {
  const change = useChangeCollection(collection.id);
  return (
    <Sharing
      me={me}
      path={collectionPath(collection.id)}
      visibility={collection.visibility}
      onVisibility={(visibility) => change.mutate({ visibility })}
      fixed={fixed}
      busy={change.isPending}
      error={change.error}
    />
  );
}
