import { Link, useLocation } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import '@/lib/i18n-identity';

/** The frame of the screens before the chat. */
export function EntryFrame({
  title,
  text,
  foot,
  children,
}: {
  title: string;
  text?: string | undefined;
  foot?: ReactNode;
  children?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · VPAura`;
  }, [title]);
  return (
    <div className="h-full overflow-y-auto bg-side">
      <main className="mx-auto flex min-h-full w-full max-w-md flex-col justify-center px-4 py-10">
        <p className="mb-5 text-center font-serif text-xl">VPAura</p>
        <div className="rounded-panel border border-line bg-raise p-6 shadow-low max-sm:p-5">
          <h1 className="text-balance font-semibold text-lg">{title}</h1>
          {text && <p className="mt-1.5 text-ink-2">{text}</p>}
          {children && <div className="mt-5">{children}</div>}
        </div>
        {foot && <div className="mt-4 text-center text-ink-2">{foot}</div>}
      </main>
    </div>
  );
}

const LINK = 'rounded-control text-accent-text underline-offset-2 hover:underline';

/** A link between these screens; `next` goes along. */
export function EntryLink({ to, children }: { to: string; children: ReactNode }) {
  const next = useAddressPart('next');
  return (
    <Link to={to} {...(next !== null && { search: { next } as never })} className={LINK}>
      {children}
    </Link>
  );
}

/** A value of the page's address, as it was written. */
export function useAddressPart(name: string): string | null {
  const search = useLocation({ select: ({ searchStr }) => searchStr });
  return new URLSearchParams(search).get(name);
}
