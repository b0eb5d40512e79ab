import { useTranslation } from 'react-i18next';
import { Field } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import { toast } from '@/lib/toast';
import { useChangePassword } from './api';

export function PasswordForm({ minLength }: { minLength: number }) {
  const { t } = useTranslation();
  const act = useChangePassword();
  return (
    <Form
      submit={t('password.change')}
      busy={act.isPending}
      error={act.error}
      onSubmit={({ current_password = '', password = '' }, form) =>
        act.mutate(
          { current_password, password },
          {
            onSuccess: () => {
              form.reset();
              toast(t('password.changed'));
            },
          },
        )
      }
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label={t('password.current')}
          name="current_password"
          type="password"
          required
          autoComplete="current-password"
        />
        <Field
          label={t('password.new')}
          hint={t('auth.passwordHint', { min: minLength })}
          name="password"
          type="password"
          required
          minLength={minLength}
          autoComplete="new-password"
        />
      </div>
    </Form>
  );
}
