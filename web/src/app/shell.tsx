import { Outlet, useNavigate, useParams } from '@tanstack/react-router';
import { Keyboard } from 'lucide-react';
import { lazy, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner } from '@/components/ui/banner';
import { Sheet } from '@/components/ui/dialog';
import { IconButton } from '@/components/ui/icon-button';
import { Toaster } from '@/components/ui/toaster';
import { ConversationDialogs } from '@/features/conversations/actions';
import { Sidebar } from '@/features/conversations/sidebar';
import { useAnnouncer } from '@/lib/announce';
import { useMedia, useOnline } from '@/lib/hooks';
import { toggleList, useUi, WIDE } from '@/lib/ui-store';
import { useHotkeys } from './hotkeys';
import { preloadSoon } from './preload';
import { useRunAsks } from './run-asks';
import { useRunEnds, useRunning } from './run-ends';
import { useRunStarts } from './run-starts';
import { ThemeMenu } from './theme-menu';

const UserMenu = lazy(() => import('@/features/me/user-menu'));
const Presence = lazy(() => import('@/features/me/presence'));
const AppPalette = lazy(() => import('./app-palette'));
const Shortcuts = lazy(() => import('./shortcuts'));

/** The frame around the reader's own screens: the list, notices, dialogs and shortcuts. */
export function Shell() {
  const { t } = useTranslation();
  const ui = useUi();
  const wide = useMedia(WIDE);
  const online = useOnline();
  const navigate = useNavigate();
  const { conversationId } = useParams({ strict: false });
  const running = useRunning();
  useHotkeys();
  useEffect(preloadSoon, []);
  useRunStarts();
  useRunAsks();
  useRunEnds();

  const closeSheet = () => useUi.setState({ listSheet: false });
  const sidebar = (
    <Sidebar
      activeId={conversationId ?? null}
      running={running}
      onOpen={closeSheet}
      onHide={toggleList}
      user={
        <Suspense>
          <UserMenu onGo={closeSheet} />
        </Suspense>
      }
      footer={
        <>
          <IconButton
            label={t('shortcuts.title')}
            keys="?"
            side="top"
            onClick={() => useUi.setState({ shortcuts: true, listSheet: false })}
          >
            <Keyboard aria-hidden className="size-4" />
          </IconButton>
          <ThemeMenu />
        </>
      }
    />
  );
  return (
    <div className="flex h-dvh flex-col">
      <a
        href="#main"
        className="sr-only rounded-control focus:not-sr-only focus:absolute focus:start-2 focus:top-2 focus:z-50 focus:bg-ink focus:px-3 focus:py-2 focus:text-bg"
      >
        {t('shell.skip')}
      </a>
      {!online && <Banner>{t('shell.offline')}</Banner>}
      <div className="flex min-h-0 flex-1">
        {wide && ui.listShown && (
          <div className="w-[272px] shrink-0 border-line border-e">{sidebar}</div>
        )}
        <main id="main" tabIndex={-1} className="flex min-w-0 flex-1 outline-none">
          <Outlet />
        </main>
      </div>
      {!wide && (
        <Sheet
          bare
          open={ui.listSheet}
          onClose={closeSheet}
          side="left"
          title={t('conversations.nav')}
        >
          {sidebar}
        </Sheet>
      )}
      <Suspense>
        <Presence />
      </Suspense>
      <Suspense>
        {ui.palette && <AppPalette />}
        {ui.shortcuts && <Shortcuts />}
      </Suspense>
      <ConversationDialogs
        onDeleted={(id) => {
          if (id === conversationId) void navigate({ to: '/' });
        }}
      />
      <Toaster />
      <LiveRegion />
    </div>
  );
}

function LiveRegion() {
  const text = useAnnouncer((state) => state.text);
  return (
    <div aria-live="polite" className="sr-only">
      {text}
    </div>
  );
}
