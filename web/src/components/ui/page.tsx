import { Menu as MenuIcon, PanelLeft } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { cn } from '@/lib/cn';
import { useMedia } from '@/lib/hooks';
import { MOD } from '@/lib/keys';
import { toggleList, useUi, WIDE } from '@/lib/ui-store';
import { IconButton } from './icon-button';

interface PageProps {
  title: string;
  /** Buttons at the end of the head. */
  actions?: ReactNode;
  /** Links to the page's parts. */
  tabs?: ReactNode;
  /** Whether it may fill the whole width. */
  wide?: boolean;
  children: ReactNode;
}

/** A screen beside the list that is not the chat: a head like the chat's, and a column. */
export function Page({ title, actions, tabs, wide = false, children }: PageProps) {
  const { t } = useTranslation();
  const beside = useMedia(WIDE);
  const listShown = useUi((state) => state.listShown);
  const Icon = beside ? PanelLeft : MenuIcon;
  useEffect(() => {
    document.title = `${title} · VPAura`;
  }, [title]);
  return (
    <div className="flex min-w-0 flex-1 flex-col">
      <header className="flex h-12 shrink-0 items-center gap-1 border-line border-b px-2">
        {!(beside && listShown) && (
          <IconButton label={t('shell.showList')} keys={`${MOD} B`} onClick={toggleList}>
            <Icon aria-hidden className="size-4" />
          </IconButton>
        )}
        <h1 className="min-w-0 truncate px-2 font-semibold" dir="auto">
          {title}
        </h1>
        <div className="ms-auto flex items-center gap-2">{actions}</div>
      </header>
      {tabs}
      {/* Positioned, so that what is only for screen readers scrolls with the rest. */}
      <div className="relative min-h-0 flex-1 overflow-y-auto">
        <div className={cn('mx-auto w-full px-4 py-6', wide ? 'max-w-7xl' : 'max-w-3xl')}>
          {children}
        </div>
      </div>
    </div>
  );
}

interface SectionProps {
  title: string;
  text?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
}

/** One matter on a page. */
export function Section({ title, text, actions, children }: SectionProps) {
  return (
    <section className="border-line border-t py-6 first:border-0 first:pt-0" aria-label={title}>
      <div className="mb-4 flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0 flex-1 basis-72">
          <h2 className="font-semibold text-read">{title}</h2>
          {text && <p className="mt-0.5 max-w-prose text-ink-2">{text}</p>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  );
}
