import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PasswordField } from '@/components/identity/password-field';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import { useAct } from '@/lib/api/hooks';
import type { Me } from '@/lib/api/identity-types';
import { sendCode, signIn } from './api';

interface SignInProps {
  email?: string;
  onSignedIn: (user: Me) => void;
  /** Shown below the password. */
  children?: ReactNode;
}

/** E-mail and password, and then a code where the user asked for one. */
export function SignInForm({ email, onSignedIn, children }: SignInProps) {
  const { t } = useTranslation();
  const [challenge, setChallenge] = useState<string | null>(null);
  const act = useAct(signIn);
  if (challenge !== null) {
    return (
      <CodeForm
        challenge={challenge}
        onSignedIn={onSignedIn}
        onBack={() => {
          act.reset();
          setChallenge(null);
        }}
      />
    );
  }
  return (
    <Form
      wide
      submit={t('auth.signIn')}
      busy={act.isPending}
      error={act.error}
      onSubmit={({ email = '', password = '' }) =>
        act.mutate(
          { email: email.trim(), password },
          {
            onSuccess: (answer) => {
              if ('user' in answer) onSignedIn(answer.user);
              else setChallenge(answer.challenge_token);
            },
          },
        )
      }
    >
      <Field
        label={t('auth.emailOrName')}
        name="email"
        defaultValue={email}
        readOnly={email !== undefined}
        required
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
      />
      <PasswordField />
      {children}
    </Form>
  );
}

interface CodeProps {
  challenge: string;
  onSignedIn: (user: Me) => void;
  onBack: () => void;
}

function CodeForm({ challenge, onSignedIn, onBack }: CodeProps) {
  const { t } = useTranslation();
  const [recovery, setRecovery] = useState(false);
  const act = useAct(sendCode);
  return (
    <Form
      wide
      submit={t('auth.goOn')}
      busy={act.isPending}
      error={act.error}
      onSubmit={({ code = '' }) =>
        act.mutate(
          { challenge_token: challenge, code: code.trim() },
          { onSuccess: ({ user }) => onSignedIn(user) },
        )
      }
      aside={
        <>
          <Button look="quiet" onClick={() => setRecovery(!recovery)}>
            {t(recovery ? 'auth.useApp' : 'auth.useRecovery')}
          </Button>
          <Button look="quiet" onClick={onBack}>
            {t('auth.back')}
          </Button>
        </>
      }
    >
      <Field
        key={String(recovery)}
        label={t(recovery ? 'auth.recoveryCode' : 'auth.code')}
        hint={t(recovery ? 'auth.recoveryHint' : 'auth.codeHint')}
        name="code"
        required
        autoFocus
        autoComplete="one-time-code"
        inputMode={recovery ? 'text' : 'numeric'}
        spellCheck={false}
      />
    </Form>
  );
}
