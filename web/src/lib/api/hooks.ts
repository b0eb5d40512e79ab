import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { json } from './client';
import type { Listing } from './identity-types';
import { keys } from './keys';

/**
 * What a path answers; kept under the path. Not asked for while the path is null. With `keep` the
 * answer before stays in sight until the next one is there.
 */
export function useGet<T>(path: string | null, { keep = false } = {}) {
  return useQuery<T>({
    queryKey: keys.path(path ?? ''),
    enabled: path !== null,
    queryFn: ({ signal }) => json<T>('GET', path ?? '', { signal }),
    ...(keep && { placeholderData: keepPreviousData }),
  });
}

const PAGE = 50;

/** A list that comes page by page; `path` may have a query string of its own. */
export function usePages<T>(path: string) {
  return useInfiniteQuery({
    queryKey: keys.path(path),
    queryFn: ({ pageParam, signal }) => {
      const cursor = pageParam === null ? '' : `&cursor=${encodeURIComponent(pageParam)}`;
      const joint = path.includes('?') ? '&' : '?';
      return json<Listing<T>>('GET', `${path}${joint}limit=${PAGE}${cursor}`, { signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor ?? null,
    placeholderData: keepPreviousData,
    select: (data) => data.pages.flatMap((page) => page.items),
  });
}

/**
 * Something that changes things at the server. Once it has, whatever was read from paths that begin
 * with one of `stale` is read again.
 */
export function useAct<V, T = void>(act: (input: V) => Promise<T>, ...stale: string[]) {
  const client = useQueryClient();
  return useMutation<T, Error, V>({
    mutationFn: act,
    onSuccess: () =>
      client.invalidateQueries({
        predicate: ({ queryKey: [kind, path] }) =>
          kind === 'path' && stale.some((start) => String(path).startsWith(start)),
      }),
  });
}
