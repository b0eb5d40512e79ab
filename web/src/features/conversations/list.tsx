import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Ellipsis } from 'lucide-react';
import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Menu } from '@/components/ui/menu';
import type { Conversation } from '@/lib/api/types';
import { cn } from '@/lib/cn';
import { useLasting, useMedia } from '@/lib/hooks';
import { useConversationMenu } from './actions';
import { type ListStatus, useConversationList } from './api';
import { listRows } from './model';

interface ConversationListProps {
  status: ListStatus;
  q: string;
  activeId: string | null;
  /** Conversations with a run going, or waiting for its reader. */
  running: ReadonlyMap<string, 'running' | 'asking'>;
  onOpen: () => void;
}

const OVERSCAN = 12;
const NEAR_END = 10;

export function ConversationList({ status, q, activeId, running, onOpen }: ConversationListProps) {
  const { t } = useTranslation();
  const list = useConversationList(status, q);
  const menu = useConversationMenu();
  const touch = useMedia('(pointer: coarse)');
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(
    () => listRows(list.data?.pages.flatMap((page) => page.items) ?? [], new Date()),
    [list.data],
  );
  const rowHeight = touch ? 44 : 36;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.kind === 'heading' ? 36 : rowHeight),
    overscan: OVERSCAN,
    getItemKey: (index) => {
      const row = rows[index];
      return row?.kind === 'conversation' ? row.conversation.id : `h-${row?.group}-${index}`;
    },
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  useEffect(() => {
    if (last >= rows.length - NEAR_END && hasNextPage && !isFetchingNextPage) {
      void fetchNextPage({ cancelRefetch: false });
    }
  }, [last, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const waiting = useLasting(list.isPending, 150);
  if (list.isError && rows.length === 0) {
    return (
      <div className="flex flex-1 flex-col items-start gap-2 px-4 pt-3">
        <p className="text-ink-2">{t('conversations.loadFailed')}</p>
        <Button onClick={() => list.refetch()}>{t('action.retry')}</Button>
      </div>
    );
  }
  if (list.isPending) return <div className="flex-1 px-2 pt-9">{waiting && <Skeleton />}</div>;
  if (rows.length === 0) {
    const empty = q !== '' ? 'noMatch' : status === 'archived' ? 'noArchived' : 'none';
    return (
      <p className="flex-1 px-4 pt-3 text-ink-3" role="status">
        {t(`conversations.${empty}`, { q })}
      </p>
    );
  }
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
      <ul
        aria-label={t('conversations.list')}
        className="relative"
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={moveFocus}
      >
        {items.map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          return (
            <li
              key={item.key}
              className="absolute inset-x-0 top-0"
              style={{ height: item.size, transform: `translateY(${item.start}px)` }}
            >
              {row.kind === 'heading' ? (
                <h2 className="px-2 pt-3.5 pb-1 text-ink-3 text-xs">{t(`day.${row.group}`)}</h2>
              ) : (
                <ConversationRow
                  conversation={row.conversation}
                  active={row.conversation.id === activeId}
                  running={running.get(row.conversation.id) ?? null}
                  onOpen={onOpen}
                  items={menu(row.conversation)}
                />
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

interface RowProps {
  conversation: Conversation;
  active: boolean;
  running: 'running' | 'asking' | null;
  onOpen: () => void;
  items: ReturnType<ReturnType<typeof useConversationMenu>>;
}

function ConversationRow({ conversation, active, running, onOpen, items }: RowProps) {
  const { t } = useTranslation();
  const title = conversation.title ?? t('conversations.untitled');
  return (
    <div
      className={cn(
        'group relative flex h-[calc(100%-2px)] items-center rounded-control transition-colors duration-[120ms]',
        active ? 'bg-hover' : 'hover:bg-hover/70',
      )}
    >
      <Link
        to="/c/$conversationId"
        params={{ conversationId: conversation.id }}
        onClick={onOpen}
        data-row
        aria-current={active ? 'page' : undefined}
        title={title}
        className={cn(
          'flex h-full min-w-0 flex-1 items-center gap-2 rounded-control ps-2 pe-9',
          active ? 'text-ink' : 'text-ink-2 group-hover:text-ink',
        )}
      >
        <span className="truncate" dir="auto">
          {title}
        </span>
        {running && (
          <span className="ms-auto flex items-center">
            <span
              aria-hidden
              className={cn(
                'size-1.5 rounded-full',
                running === 'asking' ? 'bg-warn-text' : 'bg-accent',
              )}
            />
            <span className="sr-only">{t(`conversations.${running}`)}</span>
          </span>
        )}
      </Link>
      <Menu
        label={t('conversations.actions', { title })}
        items={items}
        align="start"
        trigger={
          <button
            type="button"
            aria-label={t('conversations.actions', { title })}
            className="absolute end-1 inline-flex size-7 items-center justify-center rounded-control text-ink-3 opacity-0 hover:text-ink focus-visible:opacity-100 group-hover:opacity-100 data-[state=open]:opacity-100 touch:size-10 touch:opacity-100"
          >
            <Ellipsis aria-hidden className="size-4" />
          </button>
        }
      />
    </div>
  );
}

/** Arrow keys walk the conversations, as in any list. */
function moveFocus(event: KeyboardEvent<HTMLUListElement>) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? undefined : links[at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
}

function Skeleton() {
  return (
    <div aria-hidden className="space-y-[22px] px-2">
      {[70, 52, 84, 61, 45, 73].map((width) => (
        <div key={width} className="h-3.5 rounded bg-hover" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
