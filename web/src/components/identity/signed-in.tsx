import { Link, useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Loaded } from '@/components/ui/loaded';
import { giverOf } from '@/lib/api/explain';
import type { Me, Permission } from '@/lib/api/identity-types';
import { may, useMe } from '@/lib/api/me';
import { useIdentity } from '@/lib/identity';

/** What only a signed-in user sees; others are shown the way in. */
export function SignedIn({ children }: { children: (me: Me) => ReactNode }) {
  const { t } = useTranslation();
  const me = useMe();
  const here = useLocation({ select: ({ href }) => href });
  const visitor = useIdentity(({ state }) => state !== 'user');
  if (!visitor) return <Loaded query={me}>{children}</Loaded>;
  return (
    <div className="flex flex-col items-start gap-3">
      <p className="text-ink-2">{t('page.forUsers')}</p>
      <Link
        to="/sign-in"
        search={{ next: here } as never}
        className="inline-flex h-8 items-center rounded-control bg-accent px-3 font-medium text-on-accent text-sm touch:h-10"
      >
        {t('auth.signIn')}
      </Link>
    </div>
  );
}

interface NeedsProps {
  me: Me;
  permission: Permission;
  children: ReactNode;
}

/** What takes a permission; who lacks it is told which, and who can give it. */
export function Needs({ me, permission, children }: NeedsProps) {
  const { t } = useTranslation();
  if (may(me, permission)) return children;
  return (
    <p className="rounded-card border border-line bg-side px-4 py-3 text-ink-2">
      {t('refused.permission', { permission, who: t(giverOf(permission)) })}
    </p>
  );
}
