import { useNavigate, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import '@/lib/i18n-identity';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { useAuthStatus } from '@/lib/api/me';
import { onOtherIdentity, useIdentity } from '@/lib/identity';
import { leave } from './api';

/**
 * Keeps the page true to who this browser is: leads to the sign-in page where nobody may chat
 * without signing in, says so when a sign-in has ended, and begins anew when another tab has
 * changed it.
 */
export default function Presence() {
  const state = useIdentity((identity) => identity.state);
  const status = useAuthStatus().data;
  const navigate = useNavigate();
  const router = useRouter();
  const shut = state === 'visitor' && status?.anonymous === false;
  useEffect(() => {
    if (!shut) return;
    if (status?.needs_setup) void navigate({ to: '/setup', replace: true });
    else {
      const next = router.state.location.href;
      void navigate({ to: '/sign-in', search: { next } as never, replace: true });
    }
  }, [shut, status, router, navigate]);
  useEffect(() => onOtherIdentity(() => window.location.reload()), []);
  return state === 'ended' ? <Ended anonymous={status?.anonymous ?? false} /> : null;
}

/** The server knows the sign-in no more. What was being read stays in sight. */
function Ended({ anonymous }: { anonymous: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const router = useRouter();
  const signIn = () => {
    const next = router.state.location.href;
    void navigate({ to: '/sign-in', search: { next, ended: 'yes' } as never });
  };
  return (
    <Dialog open onClose={signIn} title={t('auth.ended')} description={t('auth.endedText')}>
      <div className="mt-5 flex flex-wrap gap-2">
        <Button look="primary" onClick={signIn}>
          {t('auth.signInAgain')}
        </Button>
        {anonymous && <Button onClick={leave}>{t('auth.without')}</Button>}
      </div>
    </Dialog>
  );
}
