import { useTranslation } from 'react-i18next';
import { Field } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import { useAct } from '@/lib/api/hooks';
import type { Me } from '@/lib/api/identity-types';
import { register } from './api';

interface RegisterProps {
  submit: string;
  minPasswordLength: number;
  /** Who is invited: then the address is theirs. */
  invitation?: { token: string; email: string };
  onSignedIn: (user: Me) => void;
}

export function RegisterForm({ submit, minPasswordLength, invitation, onSignedIn }: RegisterProps) {
  const { t } = useTranslation();
  const act = useAct(register);
  return (
    <Form
      wide
      submit={submit}
      busy={act.isPending}
      error={act.error}
      onSubmit={({ email = '', password = '', username = '', full_name = '' }) =>
        act.mutate(
          {
            email: email.trim(),
            password,
            ...(username.trim() !== '' && { username: username.trim() }),
            ...(full_name.trim() !== '' && { full_name: full_name.trim() }),
            ...(invitation && { invitation_token: invitation.token }),
          },
          { onSuccess: ({ user }) => onSignedIn(user) },
        )
      }
    >
      <Field
        label={t('auth.email')}
        name="email"
        type="email"
        defaultValue={invitation?.email}
        readOnly={invitation !== undefined}
        required
        autoComplete="email"
      />
      <Field label={t('auth.fullName')} name="full_name" maxLength={200} autoComplete="name" />
      <Field
        label={t('auth.username')}
        hint={t('auth.usernameHint')}
        name="username"
        minLength={3}
        maxLength={64}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
      />
      <NewPassword minLength={minPasswordLength} />
    </Form>
  );
}

export function NewPassword({ minLength }: { minLength: number }) {
  const { t } = useTranslation();
  return (
    <Field
      label={t('auth.newPassword')}
      hint={t('auth.passwordHint', { min: minLength })}
      name="password"
      type="password"
      required
      minLength={minLength}
      autoComplete="new-password"
    />
  );
}
