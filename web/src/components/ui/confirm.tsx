import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './button';
import { Dialog } from './dialog';
import { Field } from './field';
import { Form, type Values } from './form';

interface ConfirmProps {
  title: string;
  text: string;
  /** What doing it is called. */
  action: string;
  /** A name that must be typed before it is done. */
  typed?: string;
  busy: boolean;
  error: Error | null;
  onConfirm: (values: Values) => void;
  onClose: () => void;
  /** Further fields. */
  children?: ReactNode;
}

/** Asks before something is done that cannot be undone. */
export function Confirm({ title, text, action, typed, children, ...props }: ConfirmProps) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  return (
    <Dialog
      open
      onClose={props.onClose}
      title={title}
      description={text}
      className="overflow-y-auto!"
    >
      <Form
        className="mt-4"
        submit={action}
        look="danger"
        busy={props.busy}
        error={props.error}
        disabled={typed !== undefined && name.trim() !== typed}
        onSubmit={props.onConfirm}
        aside={<Button onClick={props.onClose}>{t('action.cancel')}</Button>}
      >
        {typed !== undefined && (
          <Field
            label={t('confirm.typed', { name: typed })}
            value={name}
            autoComplete="off"
            onChange={(event) => setName(event.target.value)}
          />
        )}
        {children}
      </Form>
    </Dialog>
  );
}
