import { Link } from '@tanstack/react-router';
import { Archive, ArrowLeft, PanelLeft, Search, SquarePen, X } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/ui/icon-button';
import { useDebounced } from '@/lib/hooks';
import { MOD } from '@/lib/keys';
import type { ListStatus } from './api';
import { ConversationList } from './list';

interface SidebarProps {
  activeId: string | null;
  running: ReadonlyMap<string, 'running' | 'asking'>;
  onOpen: () => void;
  onHide: () => void;
  /** Who is here. */
  user: ReactNode;
  footer: ReactNode;
}

const SEARCH_WAIT_MS = 220;

export function Sidebar({ activeId, running, onOpen, onHide, user, footer }: SidebarProps) {
  const { t } = useTranslation();
  const [status, setStatus] = useState<ListStatus>('active');
  const [text, setText] = useState('');
  const q = useDebounced(text.trim(), SEARCH_WAIT_MS);
  const field = useRef<HTMLInputElement>(null);
  const action =
    'flex h-9 w-full items-center gap-2.5 rounded-control px-2 text-ink-2 transition-colors duration-[120ms] hover:bg-hover hover:text-ink touch:h-11';
  return (
    <nav aria-label={t('conversations.nav')} className="flex h-full min-h-0 flex-col bg-side">
      <div className="flex h-12 shrink-0 items-center justify-between ps-4 pe-2">
        <Link
          to="/"
          onClick={onOpen}
          className="rounded-control font-medium font-serif text-[19px]"
        >
          VPAura
        </Link>
        <IconButton label={t('shell.hideList')} keys={`${MOD} B`} onClick={onHide}>
          <PanelLeft aria-hidden className="size-4" />
        </IconButton>
      </div>
      <div className="px-2">
        <Link to="/" onClick={onOpen} className={action}>
          <SquarePen aria-hidden className="size-4" />
          <span className="flex-1">{t('conversations.new')}</span>
        </Link>
        <div className="relative mt-1">
          <Search
            aria-hidden
            className="pointer-events-none absolute start-2 top-1/2 size-4 -translate-y-1/2 text-ink-3"
          />
          <input
            ref={field}
            type="search"
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape' && text !== '') {
                event.stopPropagation();
                setText('');
              }
            }}
            aria-label={t('conversations.search')}
            placeholder={t('conversations.search')}
            maxLength={200}
            className="h-9 w-full rounded-control border border-transparent bg-transparent ps-[34px] pe-14 hover:bg-hover focus:border-control focus:bg-raise touch:h-11"
          />
          {text === '' ? (
            <kbd
              aria-hidden
              className="pointer-events-none absolute end-2 top-1/2 -translate-y-1/2 font-mono text-2xs text-ink-3"
            >
              {MOD} K
            </kbd>
          ) : (
            <button
              type="button"
              aria-label={t('conversations.clearSearch')}
              className="absolute end-1 top-1/2 inline-flex size-7 -translate-y-1/2 items-center justify-center rounded-control text-ink-3 hover:text-ink"
              onClick={() => {
                setText('');
                field.current?.focus();
              }}
            >
              <X aria-hidden className="size-3.5" />
            </button>
          )}
        </div>
        {status === 'archived' && (
          <button type="button" className={action} onClick={() => setStatus('active')}>
            <ArrowLeft aria-hidden className="size-4" />
            {t('conversations.leaveArchive')}
          </button>
        )}
      </div>
      <ConversationList
        key={status}
        status={status}
        q={q}
        activeId={activeId}
        running={running}
        onOpen={onOpen}
      />
      <div className="flex h-12 shrink-0 items-center gap-1 border-line border-t px-2">
        <div className="flex min-w-0 flex-1">{user}</div>
        <IconButton
          label={t('conversations.archiveView')}
          side="top"
          aria-pressed={status === 'archived'}
          onClick={() => setStatus(status === 'archived' ? 'active' : 'archived')}
        >
          <Archive aria-hidden className="size-4" />
        </IconButton>
        {footer}
      </div>
    </nav>
  );
}
