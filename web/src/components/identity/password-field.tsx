import { useTranslation } from 'react-i18next';
import { Field } from '@/components/ui/field';

/** The password that somebody has, to prove that it is them. */
export function PasswordField() {
  const { t } = useTranslation();
  return (
    <Field
      label={t('auth.password')}
      name="password"
      type="password"
      required
      autoComplete="current-password"
    />
  );
}
