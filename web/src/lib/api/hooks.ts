import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { json } from './client';
import type { Listing } from './identity-types';
import { keys } from './keys';

/** After how many milliseconds to ask again, by what is known; false is never. */
export type Again<T> = (data: T | undefined) => number | false;

interface GetOptions<T> {
  /** Whether the answer before stays in sight until the next one is there. */
  keep?: boolean;
  again?: Again<T>;
}

/** What a path answers; kept under the path. Not asked for while the path is null. */
export function useGet<T>(path: string | null, { keep = false, again }: GetOptions<T> = {}) {
  return useQuery<T>({
    queryKey: keys.path(path ?? ''),
    enabled: path !== null,
    queryFn: ({ signal }) => json<T>('GET', path ?? '', { signal }),
    ...(keep && { placeholderData: keepPreviousData }),
    refetchInterval: ({ state }) => again?.(state.data) ?? false,
  });
}

const PAGE = 50;

/** A list that comes page by page; `path` may have a query string of its own. */
export function usePages<T>(path: string, again?: Again<T[]>) {
  const itemsOf = (pages: readonly Listing<T>[]) => pages.flatMap((page) => page.items);
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
    select: (data) => itemsOf(data.pages),
    refetchInterval: ({ state }) => again?.(state.data && itemsOf(state.data.pages)) ?? false,
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
    onSuccess: () => client.invalidateQueries(readFrom(stale)),
  });
}

/** Once something is over that went on at the server, what is read from `start` is read again. */
export function useFreshAfter(busy: boolean, start: string) {
  const client = useQueryClient();
  const was = useRef(busy);
  useEffect(() => {
    if (was.current && !busy) void client.invalidateQueries(readFrom([start]));
    was.current = busy;
  }, [client, busy, start]);
}

/** The queries of paths that begin so. */
const readFrom = (starts: readonly string[]) => ({
  predicate: ({ queryKey: [kind, path] }: { queryKey: readonly unknown[] }) =>
    kind === 'path' && starts.some((start) => String(path).startsWith(start)),
});
