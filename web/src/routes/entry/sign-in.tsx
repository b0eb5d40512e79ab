import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import { Refusal } from '@/components/ui/refusal';
import { arrivedUser, enterAs, forgetPassword, safePath } from '@/features/auth/api';
import { SignInForm } from '@/features/auth/sign-in-form';
import { ApiError } from '@/lib/api/error';
import { useAct } from '@/lib/api/hooks';
import type { AuthStatus, Me } from '@/lib/api/identity-types';
import { useAuthStatus } from '@/lib/api/me';
import { EntryFrame, EntryLink, useAddressPart } from './frame';
import { Providers } from './providers';

export function SignIn() {
  const { t } = useTranslation();
  const next = safePath(useAddressPart('next'));
  const ended = useAddressPart('ended') !== null;
  const status = useAuthStatus().data;
  const [forgot, setForgot] = useState(false);
  const failed = useArrival(next);
  if (forgot) return <Forgot mail={status?.mail ?? true} onBack={() => setForgot(false)} />;
  return (
    <EntryFrame
      title={t('auth.signIn')}
      text={ended ? t('auth.endedText') : undefined}
      foot={status && <Others status={status} />}
    >
      {failed && <Refusal error={failed} className="mb-4" />}
      <SignInForm onSignedIn={(user) => enterAs(user, next)}>
        <Button look="quiet" className="-my-2 -ms-3 self-start" onClick={() => setForgot(true)}>
          {t('auth.forgot')}
        </Button>
      </SignInForm>
      <Providers status={status} next={next} />
    </EntryFrame>
  );
}

const refusal = (message: string) => new ApiError({ code: 'SIGN_IN', message, status: 401 });

/** Who comes back from an identity provider has its cookies already, and goes on. */
function useArrival(next: string): Error | null {
  const { t } = useTranslation();
  const arrived = useAddressPart('arrived') !== null;
  const refused = useAddressPart('error');
  const { mutate, error } = useAct<void, Me>(arrivedUser);
  useEffect(() => {
    if (arrived) mutate(undefined, { onSuccess: (user) => enterAs(user, next) });
  }, [arrived, next, mutate]);
  if (refused === 'registration_closed') return refusal(t('auth.byInvitation'));
  if (refused !== null || error !== null) return refusal(t('auth.providerFailed'));
  return null;
}

function Others({ status }: { status: AuthStatus }) {
  const { t } = useTranslation();
  return (
    <p className="flex flex-wrap justify-center gap-x-4 gap-y-1">
      {status.needs_setup && <EntryLink to="/setup">{t('auth.setUp')}</EntryLink>}
      {!status.needs_setup && status.registration === 'open' && (
        <EntryLink to="/register">{t('auth.register')}</EntryLink>
      )}
      {status.anonymous && <EntryLink to="/">{t('auth.without')}</EntryLink>}
    </p>
  );
}

function Forgot({ mail, onBack }: { mail: boolean; onBack: () => void }) {
  const { t } = useTranslation();
  const act = useAct(forgetPassword);
  const back = (
    <Button look="quiet" onClick={onBack}>
      {t('auth.back')}
    </Button>
  );
  if (act.isSuccess) {
    return (
      <EntryFrame title={t('auth.forgotDone')} text={t('auth.forgotDoneText')}>
        {back}
      </EntryFrame>
    );
  }
  return (
    <EntryFrame title={t('auth.forgot')} text={t(mail ? 'auth.forgotText' : 'auth.forgotNoMail')}>
      {mail ? (
        <Form
          submit={t('auth.sendLink')}
          busy={act.isPending}
          error={act.error}
          onSubmit={({ email = '' }) => act.mutate(email.trim())}
          aside={back}
        >
          <Field label={t('auth.email')} name="email" type="email" required autoComplete="email" />
        </Form>
      ) : (
        back
      )}
    </EntryFrame>
  );
}
