import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { encode } from 'uqr';
import { PasswordField } from '@/components/identity/password-field';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { Field } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import { Secret } from '@/components/ui/secret';
import type { Me } from '@/lib/api/identity-types';
import { keys } from '@/lib/api/keys';
import { ME } from '@/lib/api/me';
import {
  useBeginSecondFactor,
  useConfirmSecondFactor,
  useEndSecondFactor,
  useNewRecoveryCodes,
} from './api';

/** A code from an app beside the password: turning it on and off, and what helps when it is lost. */
export function SecondFactor({ me }: { me: Me }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const begin = useBeginSecondFactor();
  const [codes, setCodes] = useState<string[] | null>(null);
  if (codes !== null) {
    const putAside = () => {
      setCodes(null);
      begin.reset();
      void client.invalidateQueries({ queryKey: keys.path(ME) });
    };
    return <RecoveryCodes codes={codes} onDone={putAside} />;
  }
  if (me.has_second_factor) return <TurnedOn onCodes={setCodes} />;
  if (begin.data) {
    return <Pairing {...begin.data} onCodes={setCodes} onCancel={() => begin.reset()} />;
  }
  if (!me.has_password) return <p className="text-ink-2">{t('factor.elsewhere')}</p>;
  return (
    <Form
      submit={t('factor.turnOn')}
      busy={begin.isPending}
      error={begin.error}
      onSubmit={({ password = '' }) => begin.mutate(password)}
    >
      <PasswordField />
    </Form>
  );
}

interface PairingProps {
  secret: string;
  uri: string;
  onCodes: (codes: string[]) => void;
  onCancel: () => void;
}

function Pairing({ secret, uri, onCodes, onCancel }: PairingProps) {
  const { t } = useTranslation();
  const act = useConfirmSecondFactor();
  return (
    <div className="flex flex-wrap gap-6">
      <QrCode text={uri} label={t('factor.picture')} />
      <div className="min-w-0 flex-1 basis-64">
        <p className="text-ink-2">{t('factor.scan')}</p>
        <details className="mt-2">
          <summary className="cursor-pointer text-accent-text text-sm">
            {t('factor.byHand')}
          </summary>
          <div className="mt-2">
            <Secret label={t('factor.secret')} text={secret} />
          </div>
        </details>
        <Form
          className="mt-4"
          submit={t('factor.confirm')}
          busy={act.isPending}
          error={act.error}
          onSubmit={({ code = '' }) =>
            act.mutate(code.trim(), { onSuccess: ({ recovery_codes }) => onCodes(recovery_codes) })
          }
          aside={<Button onClick={onCancel}>{t('action.cancel')}</Button>}
        >
          <Field
            label={t('auth.code')}
            hint={t('auth.codeHint')}
            name="code"
            required
            inputMode="numeric"
            autoComplete="one-time-code"
          />
        </Form>
      </div>
    </div>
  );
}

/** Dark on light whatever the theme: not every app reads it the other way round. */
function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { border: 2 });
  const path = data
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('');
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      className="size-44 shrink-0 rounded-card"
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const { t } = useTranslation();
  return (
    <div>
      <p className="mb-3 text-ink-2">{t('factor.codesText')}</p>
      <Secret
        label={t('factor.codes')}
        text={codes.join('\n')}
        fileName="vpaura-recovery-codes.txt"
      />
      <Button look="primary" className="mt-4" onClick={onDone}>
        {t('factor.kept')}
      </Button>
    </div>
  );
}

function TurnedOn({ onCodes }: { onCodes: (codes: string[]) => void }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState<'off' | 'codes' | null>(null);
  const off = useEndSecondFactor();
  const renew = useNewRecoveryCodes();
  const close = () => setAsking(null);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <p className="me-2 font-medium text-ok-text">{t('factor.isOn')}</p>
      <Button onClick={() => setAsking('codes')}>{t('factor.newCodes')}</Button>
      <Button onClick={() => setAsking('off')}>{t('factor.turnOff')}</Button>
      {asking === 'codes' && (
        <Confirm
          title={t('factor.newCodes')}
          text={t('factor.newCodesText')}
          action={t('factor.newCodesDo')}
          busy={renew.isPending}
          error={renew.error}
          onClose={close}
          onConfirm={({ password = '' }) =>
            renew.mutate(password, { onSuccess: ({ recovery_codes }) => onCodes(recovery_codes) })
          }
        >
          <PasswordField />
        </Confirm>
      )}
      {asking === 'off' && (
        <Confirm
          title={t('factor.turnOff')}
          text={t('factor.turnOffText')}
          action={t('factor.turnOff')}
          busy={off.isPending}
          error={off.error}
          onClose={close}
          onConfirm={({ password = '', code = '' }) =>
            off.mutate({ password, code: code.trim() }, { onSuccess: close })
          }
        >
          <PasswordField />
          <Field label={t('auth.code')} name="code" required autoComplete="one-time-code" />
        </Confirm>
      )}
    </div>
  );
}
