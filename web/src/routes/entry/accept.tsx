import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Loaded } from '@/components/ui/loaded';
import { Refusal } from '@/components/ui/refusal';
import { Spinner } from '@/components/ui/spinner';
import { acceptInvitation, enterAs, lookAtInvitation } from '@/features/auth/api';
import { RegisterForm } from '@/features/auth/register-form';
import { SignInForm } from '@/features/auth/sign-in-form';
import { query } from '@/lib/api/client';
import { ApiError } from '@/lib/api/error';
import { useAct } from '@/lib/api/hooks';
import type { InvitationView, Me } from '@/lib/api/identity-types';
import { useAuthStatus, useMe } from '@/lib/api/me';
import { becomeUser } from '@/lib/identity';
import { longDate } from '@/lib/time';
import { EntryFrame, EntryLink, useAddressPart } from './frame';
import { Providers } from './providers';

/** What an invitation's link opens: into what, as what, and the way in. */
export function AcceptInvitation() {
  const { t } = useTranslation();
  const token = useAddressPart('token') ?? '';
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => lookAtInvitation(token),
    retry: false,
    // Looked at once: a page that is shown again must not lose what is being filled in.
    staleTime: Number.POSITIVE_INFINITY,
  });
  // Who comes back from an identity provider as a new user has joined with it on the way.
  const arrived = useAddressPart('arrived') !== null;
  const { error } = invitation;
  const joined = arrived && error instanceof ApiError && error.status === 404;
  useEffect(() => {
    if (joined) window.location.assign('/');
  }, [joined]);
  if (joined) return <EntryFrame title={t('page.loading')} />;
  if (error) {
    return (
      <EntryFrame
        title={t('auth.badLink')}
        text={t('auth.badInvitation')}
        foot={<EntryLink to="/">{t('auth.toChat')}</EntryLink>}
      >
        <Refusal error={error} />
      </EntryFrame>
    );
  }
  const { data } = invitation;
  if (!data) return <EntryFrame title={t('page.loading')} />;
  return (
    <EntryFrame
      title={t('auth.invited', { workspace: data.workspace_name })}
      text={t('auth.invitedAs', {
        email: data.email,
        role: t(`role.${data.role_name}`, { defaultValue: data.role_name }),
        date: longDate(data.expires_at),
      })}
    >
      <WayIn token={token} invitation={data} />
    </EntryFrame>
  );
}

function WayIn({ token, invitation }: { token: string; invitation: InvitationView }) {
  const { t } = useTranslation();
  const me = useMe();
  const status = useAuthStatus();
  const accept = useAct(acceptInvitation);
  // Signed in just now, here: the same page goes on to accept.
  const [entered, setEntered] = useState(false);
  const goOn = () => accept.mutate(token, { onSuccess: (user) => enterAs(user, '/') });
  const onSignedIn = (user: Me) => {
    becomeUser(user.id, user.workspace.id);
    setEntered(true);
    goOn();
  };
  const same = me.data?.email.toLowerCase() === invitation.email.toLowerCase();
  if (entered || (me.data && same)) {
    return (
      <div className="flex flex-col gap-3">
        <Refusal error={accept.error} />
        <Button look="primary" className="h-10" aria-disabled={accept.isPending} onClick={goOn}>
          {accept.isPending && <Spinner />}
          {t('auth.accept')}
        </Button>
      </div>
    );
  }
  if (me.data) return <p>{t('auth.otherUser', { email: me.data.email })}</p>;
  const form = invitation.is_user ? (
    <SignInForm email={invitation.email} onSignedIn={onSignedIn} />
  ) : (
    <Loaded query={status}>
      {({ min_password_length }) => (
        <RegisterForm
          submit={t('auth.registerAndJoin')}
          minPasswordLength={min_password_length}
          invitation={{ token, email: invitation.email }}
          onSignedIn={(user) => enterAs(user, '/')}
        />
      )}
    </Loaded>
  );
  return (
    <>
      {form}
      <Providers status={status.data} next={`/accept${query({ token, arrived: 'yes' })}`} />
    </>
  );
}
