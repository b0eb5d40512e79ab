import { useTranslation } from 'react-i18next';
import { Loaded } from '@/components/ui/loaded';
import { enterAs, safePath } from '@/features/auth/api';
import { RegisterForm } from '@/features/auth/register-form';
import { useAuthStatus } from '@/lib/api/me';
import { EntryFrame, EntryLink, useAddressPart } from './frame';

export function Register() {
  const { t } = useTranslation();
  const next = safePath(useAddressPart('next'));
  const status = useAuthStatus();
  const signIn = <EntryLink to="/sign-in">{t('auth.isRegistered')}</EntryLink>;
  if (status.data?.registration !== 'open' && status.data?.needs_setup === false) {
    const words = status.data.registration === 'closed' ? 'auth.closed' : 'auth.byInvitation';
    return <EntryFrame title={t('auth.register')} text={t(words)} foot={signIn} />;
  }
  return (
    <EntryFrame title={t('auth.register')} foot={signIn}>
      <Loaded query={status}>
        {({ min_password_length }) => (
          <RegisterForm
            submit={t('auth.register')}
            minPasswordLength={min_password_length}
            onSignedIn={(user) => enterAs(user, next)}
          />
        )}
      </Loaded>
    </EntryFrame>
  );
}

/** The first start: whoever registers now owns the installation. */
export function Setup() {
  const { t } = useTranslation();
  const status = useAuthStatus();
  if (status.data?.needs_setup === false) {
    return (
      <EntryFrame
        title={t('auth.isSetUp')}
        text={t('auth.isSetUpText')}
        foot={<EntryLink to="/sign-in">{t('auth.signIn')}</EntryLink>}
      />
    );
  }
  return (
    <EntryFrame title={t('auth.setUpTitle')} text={t('auth.setUpText')}>
      <Loaded query={status}>
        {({ min_password_length }) => (
          <RegisterForm
            submit={t('auth.setUpDo')}
            minPasswordLength={min_password_length}
            onSignedIn={(user) => enterAs(user, '/')}
          />
        )}
      </Loaded>
    </EntryFrame>
  );
}
