import { useTranslation } from 'react-i18next';
import { Form } from '@/components/ui/form';
import { Loaded } from '@/components/ui/loaded';
import { resetPassword } from '@/features/auth/api';
import { NewPassword } from '@/features/auth/register-form';
import { useAct } from '@/lib/api/hooks';
import { useAuthStatus } from '@/lib/api/me';
import { EntryFrame, EntryLink, useAddressPart } from './frame';

export function ResetPassword() {
  const { t } = useTranslation();
  const token = useAddressPart('token');
  const status = useAuthStatus();
  const act = useAct(resetPassword);
  const signIn = <EntryLink to="/sign-in">{t('auth.signIn')}</EntryLink>;
  if (token === null) {
    return <EntryFrame title={t('auth.badLink')} text={t('auth.badLinkText')} foot={signIn} />;
  }
  if (act.isSuccess) {
    return <EntryFrame title={t('auth.resetDone')} text={t('auth.resetDoneText')} foot={signIn} />;
  }
  return (
    <EntryFrame title={t('auth.reset')} text={t('auth.resetText')}>
      <Loaded query={status}>
        {({ min_password_length }) => (
          <Form
            wide
            submit={t('auth.resetDo')}
            busy={act.isPending}
            error={act.error}
            onSubmit={({ password = '' }) => act.mutate({ token, password })}
          >
            <NewPassword minLength={min_password_length} />
          </Form>
        )}
      </Loaded>
    </EntryFrame>
  );
}
