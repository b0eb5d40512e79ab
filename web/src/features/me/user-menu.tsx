import { Link, useNavigate } from '@tanstack/react-router';
import {
  ArrowLeftRight,
  Bot,
  Building2,
  LibraryBig,
  LogIn,
  LogOut,
  Settings,
  SquareLibrary,
  Users,
} from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import '@/lib/i18n-identity';
import { Menu, type MenuItem } from '@/components/ui/menu';
import type { Me } from '@/lib/api/identity-types';
import { may, useAuthStatus, useMe } from '@/lib/api/me';
import { toastError } from '@/lib/toast';
import { useMemberships, useSignOut } from './api';
import { SwitchDialog } from './switch-dialog';

/** Who is here, and the ways to what is theirs; `onGo` puts away the sheet it may stand in. */
export default function UserMenu({ onGo }: { onGo: () => void }) {
  const me = useMe().data;
  return me ? <SignedInMenu me={me} onGo={onGo} /> : <VisitorLink onGo={onGo} />;
}

function VisitorLink({ onGo }: { onGo: () => void }) {
  const { t } = useTranslation();
  const status = useAuthStatus().data;
  if (!status) return null;
  return (
    <Link
      to={status.needs_setup ? '/setup' : '/sign-in'}
      onClick={onGo}
      className="inline-flex h-8 min-w-0 items-center gap-2 rounded-control px-2 text-ink-2 text-sm hover:bg-hover hover:text-ink touch:h-11"
    >
      <LogIn aria-hidden className="size-4 shrink-0" />
      <span className="truncate">{t(status.needs_setup ? 'auth.setUp' : 'auth.signIn')}</span>
    </Link>
  );
}

function SignedInMenu({ me, onGo }: { me: Me; onGo: () => void }) {
  const { t } = useTranslation();
  const [switching, setSwitching] = useState(false);
  const memberships = useMemberships(true).data?.items ?? [];
  const items = useItems(me, memberships.length > 1, onGo, () => setSwitching(true));
  const name = me.full_name ?? me.username;
  return (
    <>
      <Menu
        label={t('me.menu')}
        side="top"
        align="start"
        items={items}
        trigger={
          <button
            type="button"
            aria-label={t('me.who', { name, workspace: me.workspace.name })}
            className="flex h-9 min-w-0 flex-1 items-center gap-2 rounded-control px-1.5 text-start hover:bg-hover data-[state=open]:bg-hover touch:h-11"
          >
            <span
              aria-hidden
              className="flex size-6 shrink-0 items-center justify-center rounded-full bg-accent-soft font-medium text-accent-text text-xs uppercase"
            >
              {name.slice(0, 1)}
            </span>
            <span className="min-w-0">
              <span className="block truncate text-sm leading-4">{name}</span>
              <span className="block truncate text-2xs text-ink-3 leading-4">
                {me.workspace.name}
              </span>
            </span>
          </button>
        }
      />
      {switching && (
        <SwitchDialog
          current={me.workspace.id}
          memberships={memberships}
          onClose={() => setSwitching(false)}
        />
      )}
    </>
  );
}

function useItems(me: Me, several: boolean, onGo: () => void, onSwitch: () => void): MenuItem[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const icon = 'size-4 text-ink-3';
  const go = (to: string) => () => {
    onGo();
    void navigate({ to });
  };
  const places: (MenuItem & { shown: boolean })[] = [
    {
      shown: may(me, 'chatbots:read'),
      label: t('chatbots.title'),
      icon: <Bot aria-hidden className={icon} />,
      run: go('/chatbots'),
    },
    {
      shown: may(me, 'collections:read'),
      label: t('place.collections'),
      icon: <LibraryBig aria-hidden className={icon} />,
      run: go('/collections'),
    },
    {
      shown: may(me, 'prompts:read'),
      label: t('prompts.title'),
      icon: <SquareLibrary aria-hidden className={icon} />,
      run: go('/prompts'),
    },
    {
      shown: true,
      label: t('workspace.title'),
      icon: <Building2 aria-hidden className={icon} />,
      run: go('/workspace'),
    },
    {
      shown: several,
      label: t('me.switch'),
      icon: <ArrowLeftRight aria-hidden className={icon} />,
      run: onSwitch,
    },
    {
      shown: may(me, 'users:read'),
      label: t('users.title'),
      icon: <Users aria-hidden className={icon} />,
      run: go('/users'),
    },
    {
      shown: true,
      divided: true,
      label: t('settings.title'),
      icon: <Settings aria-hidden className={icon} />,
      run: go('/settings'),
    },
    {
      shown: true,
      label: t('me.signOut'),
      icon: <LogOut aria-hidden className={icon} />,
      run: () => signOut.mutate(false, { onError: () => toastError(t('me.notSignedOut')) }),
    },
  ];
  return places.filter(({ shown }) => shown);
}
