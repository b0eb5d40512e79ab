import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import { useCreateUser } from './api';

export function CreateUserDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const act = useCreateUser();
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('users.create')}
      description={t('users.createText')}
      className="overflow-y-auto!"
    >
      <Form
        className="mt-4"
        submit={t('users.create')}
        busy={act.isPending}
        error={act.error}
        aside={<Button onClick={onClose}>{t('action.cancel')}</Button>}
        onSubmit={({ email = '', username = '', full_name = '', password = '' }) =>
          act.mutate(
            {
              email: email.trim(),
              username: username.trim(),
              ...(full_name.trim() !== '' && { full_name: full_name.trim() }),
              ...(password !== '' && { password }),
            },
            { onSuccess: onClose },
          )
        }
      >
        <Field label={t('auth.email')} name="email" type="email" required autoComplete="off" />
        <Field
          label={t('auth.username')}
          hint={t('auth.usernameHint')}
          name="username"
          required
          minLength={3}
          maxLength={64}
          autoComplete="off"
        />
        <Field label={t('auth.fullName')} name="full_name" maxLength={200} autoComplete="off" />
        <Field
          label={t('auth.password')}
          hint={t('users.passwordHint')}
          name="password"
          type="password"
          autoComplete="new-password"
        />
      </Form>
    </Dialog>
  );
}
